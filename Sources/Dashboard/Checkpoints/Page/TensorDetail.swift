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
        let words = "\(entry.type.rawValue) \(shape)  \(NumberFormat.bytes(entry.byteCount))"
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
