import Canvas

/// A chart of histograms over time: how a distribution changed during training.
///
/// Drawn as a heat map (values upwards, time to the right, the ramp for how many) or as ridges (values to the right, one
/// silhouette a moment, the newest in front at the bottom).
package struct HistogramHistory: Sendable {
    package struct Moment: Sendable {
        package let time: Double
        /// Ascending, one more than `counts`.
        package let edges: [Double]
        package let counts: [Double]

        package init(time: Double, edges: [Double], counts: [Double]) {
            self.time = time
            self.edges = edges
            self.counts = counts
        }
    }

    package var title: String
    /// Ascending in time.
    package var moments: [Moment]
    package var xRange: ClosedRange<Double>
    package var xAxis: TimeAxis
    package var style: Style

    package init(
        title: String = "", moments: [Moment], xRange: ClosedRange<Double>, xAxis: TimeAxis = .step,
        style: Style = Style(.gamma)
    ) {
        self.title = title
        self.moments = moments
        self.xRange = xRange
        self.xAxis = xAxis
        self.style = style
    }

    /// The range of values of some moments, made not empty.
    private static func valueRange(_ moments: [Moment]) -> ClosedRange<Double> {
        let edges = moments.flatMap { [$0.edges.first, $0.edges.last] }.compactMap { $0 }
            .filter { $0.isFinite && abs($0) < 1e300 }
        guard let low = edges.min(), let high = edges.max() else { return 0...1 }
        return ValueScale(low...high, kind: .linear).range
    }

    /// Draws a heat map: time to the right, values upwards.
    package func drawHeatMap(into frame: inout Frame, in rect: Rect) {
        guard !rect.isEmpty else { return }
        let area = PlotArea(rect, header: true, gutter: 6)
        let shown = newest(columns: area.plot.columns)
        let range = Self.valueRange(shown.compactMap { $0.map { moments[$0] } })
        let scale = ValueScale(range, kind: .linear)
        let halves = area.plot.rows * (frame.glyphs.isUnicode ? 2 : 1)
        let picture = HeatPicture(channels: halves, rows: area.plot.rows, glyphs: frame.glyphs)
        for (column, moment) in shown.enumerated() {
            guard let moment = moment.map({ moments[$0] }) else { continue }
            let heights = BinSpread(edges: moment.edges, counts: moment.counts).columns(halves, in: range)
            let most = heights.max() ?? 0
            let levels = heights.reversed().map { most > 0 ? ($0 / most).squareRoot() : 0 }
            picture.draw(levels, ValueScale(0...1, kind: .linear), column: column, into: &frame, in: area.plot)
        }
        area.drawVertical(scale.ticks(atMost: area.tickRoom), into: &frame, grid: false) {
            scale.dot($0, of: area.plot.rows)
        }
        drawTimes(into: &frame, area)
        Legend(title: title, note: moments.isEmpty ? "no values" : "").draw(into: &frame, in: area.header)
    }

    /// The newest moment of each column, or none before the first and after the last.
    private func newest(columns: Int) -> [Int?] {
        TimeColumns(moments.map(\.time), in: xRange, count: columns).newest
    }

    private func drawTimes(into frame: inout Frame, _ area: PlotArea) {
        let ticks = xAxis.ticks(xRange, atMost: max(2, area.plot.columns / (xAxis.labelColumns + 5)))
        let columns = TimeColumns([], in: xRange, count: area.plot.columns)
        let places = zip(ticks.values, ticks.labels).map { (columns.column($0), $1) }
        area.drawHorizontal(places, unit: xAxis.name, into: &frame)
    }

    /// Draws ridges: values to the right, a silhouette for each moment, the oldest at the top and dim, the newest at
    /// the bottom.
    package func drawRidges(into frame: inout Frame, in rect: Rect) {
        guard !rect.isEmpty else { return }
        let area = PlotArea(rect, header: true, gutter: 6)
        let places = ridges(rows: area.plot.rows)
        let range = Self.valueRange(places.map { moments[$0.moment] })
        let height = max(1, min(area.plot.rows, max(2, area.plot.rows / 3)))
        for (number, place) in places.enumerated() {
            let age = places.count > 1 ? Double(number) / Double(places.count - 1) : 1
            let level = UInt8((90 + age * 165).clamped(to: 0...255))
            let ink = number == places.count - 1 ? style : Style(.ramp(level))
            drawRidge(moments[place.moment], base: place.row, height: height, range, ink, into: &frame, in: area.plot)
            frame.write(
                xAxis.text(moments[place.moment].time).padded(to: 6, right: true), row: place.row, in: area.gutter, .dim
            )
        }
        let ticks = Ticks.linear(range, atMost: max(2, area.plot.columns / 9))
        let columns = TimeColumns([], in: range, count: area.plot.columns)
        area.drawHorizontal(zip(ticks.values, ticks.labels).map { (columns.column($0), $1) }, into: &frame)
        Legend(title: title, note: moments.isEmpty ? "no values" : "").draw(into: &frame, in: area.header)
    }

    /// The moments to draw and their rows: evenly spread over those in range, the newest on the last row.
    private func ridges(rows: Int) -> [(moment: Int, row: Int)] {
        let inside = moments.indices.filter {
            xRange.contains(moments[$0].time) && moments[$0].counts.contains { $0 > 0 }
        }
        let count = min(inside.count, max(0, rows))
        guard count > 0 else { return [] }
        let first = min(rows - 1, rows / 3)
        var kept: [(moment: Int, row: Int)] = []
        for number in 0..<count {
            let share = count > 1 ? Double(number) / Double(count - 1) : 1
            let moment = inside[Int((share * Double(inside.count - 1)).rounded())]
            let row = first + Int((share * Double(rows - 1 - first)).rounded())
            if kept.last?.row == row { kept.removeLast() }
            kept.append((moment, row))
        }
        return kept
    }

    /// Draws one silhouette; it covers those behind it.
    private func drawRidge(
        _ moment: Moment, base: Int, height: Int, _ range: ClosedRange<Double>, _ style: Style, into frame: inout Frame,
        in plot: Rect
    ) {
        let heights = BinSpread(edges: moment.edges, counts: moment.counts).columns(plot.columns, in: range)
        let most = heights.max() ?? 0
        guard most > 0 else { return }
        for (column, value) in heights.enumerated() {
            let eighths = value > 0 ? max(1, Int((value / most * Double(height * 8)).rounded())) : 0
            if eighths > 0 {
                frame.bar(eighths: eighths, base: base + 1, columns: column..<column + 1, in: plot, style)
            } else {
                frame.write("▁", row: base, column: column, in: plot, .border)
            }
        }
    }
}
