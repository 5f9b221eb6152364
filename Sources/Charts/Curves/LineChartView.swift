import Canvas

/// The drawing of a line chart in one rectangle: the samples and where they go.
struct LineChartView {
    private let chart: LineChart
    private let area: PlotArea
    private let xRange: ClosedRange<Double>
    /// The extents of each curve, one a dot column.
    private let samples: [[ColumnExtent]]
    private let scale: ValueScale
    private let ticks: Ticks
    private let dots: (across: Int, down: Int)

    /// The least width for labels of the vertical axis, so that the plot does not move while numbers change.
    private static let usualGutter = 5

    init(_ chart: LineChart, in rect: Rect, glyphs: GlyphSet) {
        let range = Self.drawable(chart.xRange)
        func measured(gutter: Int) -> (PlotArea, [[ColumnExtent]], ValueScale, Ticks) {
            let hasHeader = !chart.title.isEmpty || chart.curves.contains { !$0.label.isEmpty }
            let area = PlotArea(rect, header: hasHeader, gutter: gutter)
            let columns = area.plot.columns * glyphs.dotsPerCell.across
            let samples = chart.curves.map { Self.exactly(columns, $0.sample(range, columns)) }
            let scale =
                chart.yRange.map { ValueScale($0, kind: chart.yScale) }
                ?? ValueScale(fitting: samples.joined(), kind: chart.yScale)
            return (area, samples, scale, scale.ticks(atMost: area.tickRoom))
        }
        var result = measured(gutter: Self.usualGutter)
        if result.3.labelColumns > Self.usualGutter { result = measured(gutter: min(9, result.3.labelColumns)) }
        self.chart = chart
        xRange = range
        dots = glyphs.dotsPerCell
        (area, samples, scale, ticks) = result
    }

    /// The range, made valid and not empty.
    private static func drawable(_ range: ClosedRange<Double>) -> ClosedRange<Double> {
        let low = max(-1e300, min(1e300, range.lowerBound))
        let high = max(-1e300, min(1e300, range.upperBound))
        guard high - low <= max(abs(low), abs(high)) * 1e-13 else { return low...high }
        let margin = max(0.5, abs(low) * 1e-6)
        return low - margin...high + margin
    }

    /// Pads or cuts samples to the expected number of columns.
    private static func exactly(_ count: Int, _ extents: [ColumnExtent]) -> [ColumnExtent] {
        guard extents.count != count else { return extents }
        return extents.prefix(count) + Array(repeating: ColumnExtent(), count: max(0, count - extents.count))
    }

    private func dotRow(_ value: Double) -> Int? { scale.dot(value, of: area.plot.rows * dots.down) }

    /// The column of the plot that holds an x, if any does.
    private func column(_ x: Double) -> Int? {
        guard xRange.contains(x), area.plot.columns > 0 else { return nil }
        let fraction = (x - xRange.lowerBound) / (xRange.upperBound - xRange.lowerBound)
        return (fraction * Double(area.plot.columns)).clamped(to: 0...area.plot.columns - 1)
    }

    func drawAxes(into frame: inout Frame) {
        area.drawVertical(ticks, into: &frame) { dotRow($0).map { $0 / dots.down } }
        let room = max(2, area.plot.columns / (chart.xAxis.labelColumns + 5))
        let below = chart.xAxis.ticks(xRange, atMost: room)
        let places = zip(below.values, below.labels).compactMap { value, label in column(value).map { ($0, label) } }
        area.drawHorizontal(places, unit: chart.xAxis.name, into: &frame)
    }

    func drawMarks(into frame: inout Frame) {
        for mark in chart.marks {
            guard let column = column(mark.x) else { continue }
            for row in 0..<area.plot.rows { frame.write("┊", row: row, column: column, in: area.plot, mark.style) }
            frame.write(String(mark.letter), column: column, in: area.plot, mark.style)
        }
        guard let cursor = chart.cursor.flatMap(column) else { return }
        for row in 0..<area.plot.rows { frame.write("│", row: row, column: cursor, in: area.plot, Style(.accent)) }
    }

    func drawCurves(into frame: inout Frame) {
        var grid = DotGrid(size: area.plot.size, glyphs: frame.glyphs)
        for (curve, extents) in zip(chart.curves, samples) { trace(extents, curve.style, on: &grid) }
        grid.draw(into: &frame, in: area.plot)
    }

    /// Draws a curve: each column from its lowest to its highest value, joined to the column before; a gap of NaN stays
    /// a gap.
    private func trace(_ extents: [ColumnExtent], _ style: Style, on grid: inout DotGrid) {
        let floor = grid.dotsDown
        var previous: (x: Int, y: Int)?
        for (x, extent) in extents.enumerated() {
            if extent.isEmpty {
                if !extent.isFinite { previous = nil }
                continue
            }
            let first = dotRow(extent.first) ?? floor
            if let previous { grid.line(x0: previous.x, y0: previous.y, x1: x, y1: first, style) }
            let low = dotRow(extent.minimum) ?? floor
            grid.line(x0: x, y0: dotRow(extent.maximum) ?? floor, x1: x, y1: low, style)
            previous = (x, dotRow(extent.last) ?? floor)
        }
    }

    /// Draws marks where a value was not finite, or not positive on a logarithmic axis.
    func drawAlarms(into frame: inout Frame) {
        let plot = area.plot
        for extents in samples {
            for (x, extent) in extents.enumerated() {
                let column = x / dots.across
                if extent.hasPositiveInfinity { frame.write("▲", column: column, in: plot, .error) }
                if chart.yScale == .logarithmic, !extent.isEmpty, extent.minimum <= 0 {
                    frame.write("▼", row: plot.rows - 1, column: column, in: plot, .warning)
                }
                if extent.hasNegativeInfinity { frame.write("▼", row: plot.rows - 1, column: column, in: plot, .error) }
                if extent.hasNaN { frame.write("✗", row: plot.rows - 1, column: column, in: plot, .error) }
            }
        }
    }

    func drawHeader(into frame: inout Frame) {
        let entries = zip(chart.curves, samples).filter { !$0.0.label.isEmpty }.map { curve, extents in
            Legend.Entry(label: curve.label, value: reading(extents), style: curve.style)
        }
        let place = chart.cursor.map { "@" + chart.xAxis.text($0) }
        Legend(
            title: chart.title, note: place ?? "", entries: entries, namesAreElsewhere: chart.namesAreElsewhere
        ).draw(into: &frame, in: area.header)
    }

    /// The value at the cursor, or else the last one in sight.
    private func reading(_ extents: [ColumnExtent]) -> String {
        let visible = extents[
            ...((chart.cursor.flatMap(column).map { ($0 + 1) * dots.across - 1 }) ?? extents.count - 1)]
        guard let extent = visible.last(where: { !$0.isEmpty || !$0.isFinite }) else { return "" }
        if !extent.isEmpty { return NumberFormat.compact(extent.last) }
        return extent.hasNaN ? "NaN" : extent.hasPositiveInfinity ? "inf" : "-inf"
    }
}
