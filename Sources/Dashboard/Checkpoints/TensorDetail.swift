import Canvas
import Charts
import Checkpoints

/// The details of a tensor: facts in words, and a histogram of its values.
struct TensorDetail {
    let entry: TensorEntry
    /// The tensor that it shares its bytes with.
    let tiedTo: String?
    /// Nil until it has been read.
    let picture: TensorPicture?

    func draw(into frame: inout Frame, in rect: Rect) {
        frame.write(entry.name.fitted(to: rect.columns), in: rect, .title)
        for (line, text) in facts.enumerated() {
            frame.write(text.fitted(to: rect.columns), row: line + 1, in: rect, line == 0 ? .dim : .text)
        }
        let (_, room) = rect.split(top: facts.count + 2)
        drawHistogram(into: &frame, in: room)
    }

    private var facts: [String] {
        let shape = "(" + entry.shape.map(String.init).joined(separator: ", ") + ")"
        let words = "\(entry.type.rawValue) \(shape)  \(entry.byteCount.asBytes)"
        var facts = [words + (tiedTo.map { "  tied to \($0)" } ?? "")]
        guard let statistics = picture?.statistics else { return facts + ["reading …"] }
        func text(_ value: Double?) -> String { value.map(NumberFormat.compact) ?? "none" }
        facts.append("min \(text(statistics.minimum))  max \(text(statistics.maximum))")
        facts.append("mean \(text(statistics.mean))  σ \(text(statistics.standardDeviation))")
        if statistics.nonFinite > 0 { facts.append("✗ \(statistics.nonFinite) of \(statistics.count) are not finite") }
        return facts
    }

    private func drawHistogram(into frame: inout Frame, in rect: Rect) {
        guard let picture, let low = picture.statistics.minimum, let high = picture.statistics.maximum else { return }
        guard low < high, !picture.counts.isEmpty else {
            frame.write("every value is \(NumberFormat.compact(low))".fitted(to: rect.columns), in: rect, .dim)
            return
        }
        let width = (high - low) / Double(picture.counts.count)
        var chart = HistogramChart(
            title: "values", edges: (0...picture.counts.count).map { low + Double($0) * width },
            counts: picture.counts.map(Double.init), mean: picture.statistics.mean)
        chart.standardDeviation = picture.statistics.standardDeviation
        chart.draw(into: &frame, in: rect)
    }
}

/// The details of a normalization layer: its channels as four pictures, of the running mean with its σ, the running
/// variance, γ and β.
struct LayerDetail {
    let channels: LayerChannels

    func draw(into frame: inout Frame, in rect: Rect) {
        let tracked = channels.batchesTracked.map { "  \($0) batches tracked" } ?? ""
        let count = max(channels.mean.count, channels.variance.count, channels.weight.count)
        let title = "\(channels.layer)  \(count) channels" + tracked
        frame.write(title.fitted(to: rect.columns), in: rect, .title)
        let (_, room) = rect.split(top: 1)
        let (top, bottom) = room.split(top: (room.rows + 1) / 2)
        let (upper, lower) = rect.columns >= 70 ? (columns(top), columns(bottom)) : (rows(top), rows(bottom))
        drawMean(into: &frame, in: upper[0])
        draw("running_var", channels.variance, Style(.variance), .logarithmic, into: &frame, in: upper[1])
        draw("γ weight", channels.weight, Style(.gamma), .linear, into: &frame, in: lower[0])
        draw("β bias", channels.bias, Style(.beta), .linear, into: &frame, in: lower[1])
    }

    /// Two pictures side by side, with a column between them.
    private func columns(_ rect: Rect) -> [Rect] {
        let halves = rect.columns(2)
        return [halves[0], halves[1].split(left: 1).rest]
    }

    /// Two pictures, one above the other, where there is no room side by side.
    private func rows(_ rect: Rect) -> [Rect] {
        let (top, rest) = rect.split(top: (rect.rows + 1) / 2)
        return [top, rest]
    }

    private func drawMean(into frame: inout Frame, in rect: Rect) {
        guard channels.mean.count == channels.variance.count else {
            return draw("running_mean", channels.mean, Style(.mean), .linear, into: &frame, in: rect)
        }
        let statistics = VarianceBand.Statistics(mean: channels.mean, variance: channels.variance)
        VarianceBand(title: "running_mean", running: statistics).draw(into: &frame, in: rect)
    }

    private func draw(
        _ title: String, _ values: [Double], _ style: Style, _ scale: ScaleKind, into frame: inout Frame, in rect: Rect
    ) {
        guard !values.isEmpty else { return frame.pane(title, in: rect, note: "not in this layer") }
        ChannelChart(title: title, values: values, style: style, yScale: scale).draw(into: &frame, in: rect)
    }
}

/// A table of the tensors of a module, with as many columns as fit.
struct TensorTable {
    let rows: [TensorEntry]
    /// The length of the module's own name, which is left out of the names.
    let prefix: Int
    let pictures: [String: TensorPicture]
    let unshown: [String]

    private static let nameColumns = 18

    /// - Parameter first: the row to begin with.
    func draw(into frame: inout Frame, in rect: Rect, first: Int) {
        let columns = Self.columns(in: rect.columns)
        let width = rect.columns - columns.reduce(0) { $0 + $1.width }
        drawLine("tensor", columns.map { ($0.title, $0.width) }, width, row: 0, into: &frame, in: rect, .dim)
        let room = max(0, rect.rows - 1)
        let start = max(0, min(first, rows.count - room))
        let shown = rows.dropFirst(start).prefix(room)
        for (line, row) in shown.enumerated() {
            let picture = pictures[row.name]
            let style: Style = picture.map { $0.statistics.nonFinite > 0 } == true ? .error : .text
            drawLine(
                String(row.name.dropFirst(prefix)), columns.map { ($0.text(row, picture), $0.width) }, width,
                row: line + 1,
                into: &frame, in: rect, style)
        }
        for (line, text) in unshown.prefix(max(0, room - shown.count)).enumerated() {
            frame.write(text.fitted(to: rect.columns), row: shown.count + 1 + line, in: rect, .dim)
        }
    }

    private func drawLine(
        _ name: String, _ fields: [(String, Int)], _ width: Int, row: Int, into frame: inout Frame, in rect: Rect,
        _ style: Style
    ) {
        let texts = fields.map { $0.0.padded(to: $0.1, right: true) }
        let room = max(0, width - 1)
        let shown = name.endFitted(to: room)
        frame.write(shown.padded(to: max(0, width)) + texts.joined(), row: row, in: rect, style)
    }

    private struct Column: Sendable {
        let title: String
        let width: Int
        let text: @Sendable (TensorEntry, TensorPicture?) -> String
    }

    /// All columns, the most important first.
    private static let all: [Column] = [
        Column(title: "shape", width: 14) { row, _ in
            row.shape.isEmpty ? "()" : row.shape.map(String.init).joined(separator: "×").fitted(to: 13)
        },
        number("mean") { $0.mean }, number("std") { $0.standardDeviation }, number("min") { $0.minimum },
        number("max") { $0.maximum }, Column(title: "dtype", width: 10) { row, _ in row.type.rawValue.fitted(to: 9) },
        Column(title: "bytes", width: 9) { row, _ in row.byteCount.asBytes },
        Column(title: "non-fin.", width: 9) { _, picture in picture.map { "\($0.statistics.nonFinite)" } ?? "" },
    ]

    private static func number(_ title: String, _ value: @escaping @Sendable (TensorStatistics) -> Double?) -> Column {
        Column(title: title, width: 9) { _, picture in
            guard let picture else { return "…" }
            return value(picture.statistics).map(NumberFormat.compact) ?? ""
        }
    }

    private static func columns(in width: Int) -> [Column] {
        var left = width - nameColumns
        return all.prefix { column in
            left -= column.width
            return left >= 0
        }
    }
}
