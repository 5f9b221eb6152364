import Canvas
import Charts
import Diagnosis
import Runs

/// The findings for a layer, in words: each with what to do about it, wrapped to the given room.
struct FindingLines {
    let layer: String
    let health: LayerHealth
    /// A last line about the run as a whole.
    let runNote: String?

    private struct Line {
        let mark: String
        let text: String
        let style: Style
    }

    func draw(into frame: inout Frame, in rect: Rect) {
        let room = max(10, rect.columns - 2)
        let said = findings(room)
        for (row, line) in (said + remarks(room)).prefix(rect.rows).enumerated() {
            frame.write(line.mark, row: row, in: rect, Style(line.style.ink, on: line.style.paper, .bold))
            frame.write(line.text, row: row, column: 2, in: rect, line.style)
        }
        guard said.count > rect.rows, rect.rows > 0 else { return }
        let hint = " … more: Enter on the list"
        frame.write(hint, row: rect.rows - 1, column: max(0, rect.columns - hint.columns), in: rect, .dim)
    }

    private func findings(_ columns: Int) -> [Line] {
        health.diagnosis.findings.flatMap { finding in
            Self.lines(
                "\(finding.summary): \(finding.advice)", SeverityMark(finding.severity).text,
                finding.severity == .note ? .dim : .text, columns)
        }
    }

    /// Further remarks, shown where there is room left.
    private func remarks(_ columns: Int) -> [Line] {
        let isCalm = (health.diagnosis.severity ?? .note) < .warning
        return (isCalm ? calm.map { Self.lines($0, "✓", .good, columns) } ?? [] : [])
            + (runNote.map { Self.lines($0, " ", .dim, columns) } ?? []) + Self.lines(facts, " ", .dim, columns)
    }

    private static func lines(_ text: String, _ mark: String, _ style: Style, _ columns: Int) -> [Line] {
        text.wordLines(columns).enumerated().map {
            Line(mark: $0 == 0 ? mark : " ", text: $1.fitted(to: columns), style: style)
        }
    }

    /// The facts for which the list has no column in a narrow window.
    private var facts: String {
        var facts = [layer]
        if health.channels > 0 { facts.append(NumberFormat.count(health.channels, of: "channel")) }
        switch health.momentum {
        case .fixed(let momentum): facts.append("momentum \(momentum)")
        case .cumulative: facts.append("momentum None: the mean of all batches")
        case nil: break
        }
        if let batches = health.batchesTracked { facts.append("\(batches) batches tracked") }
        for (symbol, quantity) in [("γ", LoggedLayer.Quantity.weight), ("β", .bias)] {
            if let range = health.range(of: quantity) { facts.append("\(symbol) \(NumberFormat.range(range))") }
            if health.emptied.contains(quantity) { facts.append("\(symbol) without a finite value") }
        }
        return facts.joined(separator: " · ")
    }

    /// The line for a layer without findings.
    private var calm: String? {
        guard let gap = health.diagnosis.gap, let mean = StatisticsGap.largest(gap.mean),
            let variance = StatisticsGap.largest(gap.logVariance)
        else { return nil }
        let (sigmas, logarithm) = (Self.bound(mean.value), Self.bound(variance.value))
        return "running statistics follow the batches' within \(sigmas)σ, log variances within \(logarithm) "
            + "(mean of \(gap.batches) batches)"
    }

    private static func bound(_ value: Double) -> String {
        NumberFormat.fixed((abs(value) * 100).rounded(.up) / 100, decimals: 2)
    }
}
