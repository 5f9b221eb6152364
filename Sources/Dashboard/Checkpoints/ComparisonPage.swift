import Canvas
import Charts
import Checkpoints
import Runs

/// A comparison of two checkpoints as lines to scroll through: names and shapes, normalization layers, then all tensors
/// with the largest difference first.
struct ComparisonPage: Sendable {
    let first: String
    let second: String
    /// Nil while it is being computed.
    private(set) var comparison: CheckpointComparison?
    private(set) var problem: String?
    private var scroll = ListCursor()
    /// The number of lines that stay in the window at the end.
    private static let kept = 12

    init(first: String, second: String) {
        self.first = first
        self.second = second
    }

    /// The request for the comparison; nil once it was answered.
    var request: CheckpointRequest? {
        comparison == nil && problem == nil ? .compare(first: first, second: second) : nil
    }

    mutating func fail(_ problem: String) { self.problem = problem }
    mutating func receive(_ comparison: CheckpointComparison) { self.comparison = comparison }
    mutating func move(_ action: KeyAction) {
        scroll.update(action, count: max(1, lines(columns: 80).count - Self.kept))
    }

    func draw(into frame: inout Frame, in rect: Rect) {
        let lines = lines(columns: rect.columns)
        let first = max(0, min(scroll.index, lines.count - rect.rows))
        for (row, line) in lines.dropFirst(first).prefix(rect.rows).enumerated() {
            frame.write(line.text.fitted(to: rect.columns), row: row, in: rect, line.style)
        }
    }

    private struct Line {
        let text: String
        var style = Style.text
    }

    private func lines(columns: Int) -> [Line] {
        let names = [Line(text: "A  \(first)", style: .title), Line(text: "B  \(second)", style: .title)]
        guard let comparison else {
            let note = problem.map { Line(text: $0, style: .error) } ?? Line(text: "comparing … Esc stops", style: .dim)
            return names + [note]
        }
        return names + [Line(text: comparison.verdict, style: comparison.isIdentical ? .good : .warning)]
            + unpaired(comparison) + layers(comparison, columns) + tensors(comparison, columns)
    }

    private func unpaired(_ comparison: CheckpointComparison) -> [Line] {
        var lines: [Line] = []
        for (side, prefix) in [("A", comparison.prefixes.first), ("B", comparison.prefixes.second)]
        where !prefix.isEmpty {
            lines.append(Line(text: "names in \(side) begin with '\(prefix)', which is left out", style: .dim))
        }
        for (side, missing) in [("A", comparison.onlyInFirst), ("B", comparison.onlyInSecond)] {
            lines += missing.map { tensor in
                Line(
                    text: "only in \(side): \(tensor.name): \(tensor.effect.words)",
                    style: tensor.effect == .harmless ? .dim : .error)
            }
        }
        return lines
            + comparison.shapes.map {
                Line(text: "\($0.name): shape \($0.first) in A, \($0.second) in B", style: .error)
            }
    }

    private func layers(_ comparison: CheckpointComparison, _ columns: Int) -> [Line] {
        guard !comparison.normalization.isEmpty else { return [] }
        let head = Self.row("normalization", ["Δμ/σ", "Δlog σ²", "Δγ", "Δβ"], columns)
        return [Line(text: ""), Line(text: head, style: .dim)]
            + comparison.normalization.map { layer in
                let shifts = [layer.meanShift, layer.logVarianceShift, layer.weightShift, layer.biasShift]
                return Line(text: Self.row(layer.layer, shifts.map { $0.map(NumberFormat.compact) ?? "none" }, columns))
            }
    }

    private func tensors(_ comparison: CheckpointComparison, _ columns: Int) -> [Line] {
        guard !comparison.tensors.isEmpty else { return [] }
        let head = Self.row("tensor", ["largest", "mean", "non-fin.", "dtype"], columns)
        return [Line(text: ""), Line(text: head, style: .dim)]
            + comparison.tensors.map { tensor in
                let numbers = [
                    NumberFormat.compact(tensor.largest), NumberFormat.compact(tensor.mean), "\(tensor.nonFinite)",
                    tensor.types[0].rawValue,
                ]
                return Line(text: Self.row(tensor.name, numbers, columns), style: tensor.isZero ? .dim : .text)
            }
    }

    /// A line of a table: the name takes what columns of ten cells leave.
    private static func row(_ name: String, _ fields: [String], _ columns: Int) -> String {
        name.padded(to: max(12, columns - 10 * fields.count)) + fields.map { $0.padded(to: 10, right: true) }.joined()
    }
}
