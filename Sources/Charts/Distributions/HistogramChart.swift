import Canvas

/// A histogram: columns whose area is the share of the values there, over an axis of values.
///
/// Bins may have any widths; they are spread evenly over the columns that they cover. A column that holds anything at all
/// shows at least an eighth, so a thin tail never vanishes.
package struct HistogramChart: Sendable {
    package var title: String
    /// Ascending, one more than `counts`.
    package var edges: [Double]
    package var counts: [Double]
    package var style: Style
    /// The range of the axis; nil for the outermost edges.
    package var xRange: ClosedRange<Double>?
    package var mean: Double?
    package var standardDeviation: Double?

    package init(
        title: String = "", edges: [Double], counts: [Double], style: Style = Style(.gamma),
        xRange: ClosedRange<Double>? = nil, mean: Double? = nil, standardDeviation: Double? = nil
    ) {
        self.title = title
        self.edges = edges
        self.counts = counts
        self.style = style
        self.xRange = xRange
        self.mean = mean
        self.standardDeviation = standardDeviation
    }

    package func draw(into frame: inout Frame, in rect: Rect) {
        guard !rect.isEmpty else { return }
        let area = PlotArea(rect, header: true, gutter: rect.columns >= 40 ? 5 : 0)
        let range = self.range
        let heights = BinSpread(edges: edges, counts: counts).columns(area.plot.columns, in: range)
        let scale = BarScale(fitting: heights, rows: area.plot.rows, kind: .linear)
        area.drawVertical(scale.ticks(atMost: area.tickRoom), into: &frame) { scale.row($0) }
        drawZero(range, into: &frame, in: area.plot)
        for (column, height) in heights.enumerated() where height > 0 {
            let eighths = max(1, scale.eighths(height) ?? 0)
            frame.bar(eighths: eighths, base: scale.up, columns: column..<column + 1, in: area.plot, style)
        }
        drawAxis(range, into: &frame, area)
        Legend(title: title, note: note(room: rect.columns - title.columns - 1)).draw(into: &frame, in: area.header)
    }

    /// The range of the finite edges, made not empty.
    private var range: ClosedRange<Double> {
        let finite = edges.filter { $0.isFinite && abs($0) < 1e300 }
        guard let low = xRange?.lowerBound ?? finite.min(), let high = xRange?.upperBound ?? finite.max(), low <= high
        else { return 0...1 }
        guard high - low <= max(abs(low), abs(high)) * 1e-9 else { return low...high }
        let margin = max(abs(low) * 0.1, low == 0 ? 0.5 : 1e-300)
        return low - margin...high + margin
    }

    private func column(_ value: Double, _ range: ClosedRange<Double>, of columns: Int) -> Int? {
        guard range.contains(value), columns > 0 else { return nil }
        let fraction = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
        return (fraction * Double(columns)).clamped(to: 0...columns - 1)
    }

    private func drawZero(_ range: ClosedRange<Double>, into frame: inout Frame, in plot: Rect) {
        guard range.lowerBound < 0, range.upperBound > 0, let column = column(0, range, of: plot.columns) else {
            return
        }
        for row in 0..<plot.rows { frame.write("┊", row: row, column: column, in: plot, .dim) }
    }

    private func drawAxis(_ range: ClosedRange<Double>, into frame: inout Frame, _ area: PlotArea) {
        let ticks = Ticks.linear(range, atMost: max(2, area.plot.columns / 9))
        let places = zip(ticks.values, ticks.labels).compactMap { value, label in
            column(value, range, of: area.plot.columns).map { ($0, label) }
        }
        area.drawHorizontal(places, into: &frame)
    }

    /// As much of the text `n mean σ` as fits.
    private func note(room: Int) -> String {
        let count = counts.reduce(0) { $1.isFinite ? $0 + $1 : $0 }
        guard count > 0 else { return "no values" }
        var text = ["n \(count < 10 ? NumberFormat.fixed(count, decimals: 0) : NumberFormat.compact(count.rounded()))"]
        if let mean { text.append("mean \(NumberFormat.compact(mean))") }
        if let standardDeviation { text.append("σ \(NumberFormat.compact(standardDeviation))") }
        while text.count > 1, text.joined(separator: "  ").columns > room { text.removeFirst() }
        return text.joined(separator: "  ")
    }
}

/// The redistribution of counts from bins of any widths to columns of equal width.
struct BinSpread {
    /// Ascending, one more than `counts`.
    let edges: [Double]
    let counts: [Double]

    /// The count in each of `count` columns over `range`: a bin gives each column the share that overlaps it.
    func columns(_ count: Int, in range: ClosedRange<Double>) -> [Double] {
        var heights = Array(repeating: 0.0, count: max(0, count))
        let scale = Double(count) / (range.upperBound - range.lowerBound)
        guard count > 0, scale.isFinite, scale > 0 else { return heights }
        for bin in 0..<max(0, min(counts.count, edges.count - 1)) where counts[bin].isFinite && counts[bin] > 0 {
            let low = max(range.lowerBound, edges[bin])
            let high = min(range.upperBound, edges[bin + 1])
            guard low <= high else { continue }
            let from = (low - range.lowerBound) * scale
            let to = (high - range.lowerBound) * scale
            spread(counts[bin], from: from, to: to, over: &heights)
        }
        return heights
    }

    private func spread(_ amount: Double, from: Double, to: Double, over heights: inout [Double]) {
        let first = from.clamped(to: 0...heights.count - 1)
        let last = to.clamped(to: 0...heights.count - 1)
        guard to - from > 1e-9 else {
            heights[first] += amount
            return
        }
        for column in first...max(first, last) {
            let overlap = min(to, Double(column + 1)) - max(from, Double(column))
            if overlap > 0 { heights[column] += amount * overlap / (to - from) }
        }
    }
}
