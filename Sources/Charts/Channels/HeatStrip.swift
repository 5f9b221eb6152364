import Canvas

/// A heat map of channels over time: a row for each channel, a column for each moment, colours from the theme's ramp.
///
/// Each column holds what was newest then. With more channels than half rows, each half row shows that one of its
/// channels which is farthest from the middle of the range, and the header says so. What is no finite number is drawn in
/// the colour of errors.
package struct HeatStrip: Sendable {
    package var title: String
    /// [moment], ascending.
    package var times: [Double]
    /// [moment][channel].
    package var values: [[Double]]
    package var xRange: ClosedRange<Double>
    package var xAxis: TimeAxis
    /// The range of the colours; nil for that of the finite values.
    package var valueRange: ClosedRange<Double>?
    package var valueScale: ScaleKind
    /// The selected channel and moment.
    package var selected: Int?
    package var selectedTime: Double?

    package init(
        title: String = "", times: [Double], values: [[Double]], xRange: ClosedRange<Double>, xAxis: TimeAxis = .step,
        valueRange: ClosedRange<Double>? = nil, valueScale: ScaleKind = .linear, selected: Int? = nil,
        selectedTime: Double? = nil
    ) {
        self.title = title
        self.times = times
        self.values = values
        self.xRange = xRange
        self.xAxis = xAxis
        self.valueRange = valueRange
        self.valueScale = valueScale
        self.selected = selected
        self.selectedTime = selectedTime
    }

    private static let legendColumns = 9

    package func draw(into frame: inout Frame, in rect: Rect) {
        guard !rect.isEmpty else { return }
        let hasLegend = rect.columns >= 36 && rect.rows >= 4
        let (body, side) = rect.split(left: rect.columns - (hasLegend ? Self.legendColumns : 0))
        let area = PlotArea(body, header: true, gutter: 5)
        let count = min(times.count, values.count)
        let moments = TimeColumns(Array(times.prefix(count)), in: xRange, count: area.plot.columns).newest
        let shown = moments.compactMap { $0 }.map { values[$0] }
        let scale = ValueScale(valueRange ?? span(of: shown), kind: valueScale)
        let picture = HeatPicture(channels: shown.map(\.count).max() ?? 0, rows: area.plot.rows, glyphs: frame.glyphs)
        for (column, moment) in moments.enumerated() {
            guard let moment else { continue }
            picture.draw(values[moment], scale, column: column, into: &frame, in: area.plot)
        }
        drawAxes(picture, into: &frame, area)
        if hasLegend { drawLegend(scale, into: &frame, in: side, rows: area.plot) }
        let note = picture.most > 1 ? "\(picture.channels) channels, \(picture.most) a row" : ""
        Legend(title: title, note: note).draw(into: &frame, in: area.header)
    }

    private func span(of columns: [[Double]]) -> ClosedRange<Double> {
        let finite = columns.joined().filter { $0.isFinite && (valueScale == .linear || $0 > 0) }
        guard let low = finite.min(), let high = finite.max() else { return 0...1 }
        return low...high
    }

    private func drawAxes(_ picture: HeatPicture, into frame: inout Frame, _ area: PlotArea) {
        let channels = Double(max(1, picture.channels))
        area.drawVertical(.linear(0...channels, atMost: area.tickRoom, whole: true), into: &frame, grid: false) {
            $0 < channels ? picture.row(ofChannel: Int($0)) : nil
        }
        let ticks = xAxis.ticks(xRange, atMost: max(2, area.plot.columns / (xAxis.labelColumns + 5)))
        let columns = TimeColumns([], in: xRange, count: area.plot.columns)
        let places = zip(ticks.values, ticks.labels).map { (columns.column($0), $1) }
        area.drawHorizontal(places, unit: xAxis.name, into: &frame)
        markSelected(picture, columns, into: &frame, area)
    }

    private func markSelected(
        _ picture: HeatPicture, _ columns: TimeColumns, into frame: inout Frame, _ area: PlotArea
    ) {
        let style = Style(.accent, .bold)
        if let selected, selected < picture.channels, !area.gutter.isEmpty {
            let row = picture.row(ofChannel: selected)
            frame.write("▶", row: row, column: area.gutter.columns - 1, in: area.gutter, style)
        }
        if let selectedTime, xRange.contains(selectedTime), !area.axis.isEmpty {
            frame.write("▲", column: area.gutter.columns + columns.column(selectedTime), in: area.axis, style)
        }
    }

    /// Draws the ramp from top to bottom with the values of its ends.
    private func drawLegend(_ scale: ValueScale, into frame: inout Frame, in rect: Rect, rows plot: Rect) {
        for row in 0..<plot.rows {
            let level = { (half: Int) in
                UInt8(255 - (Double(row * 2 + half) / Double(max(1, plot.rows * 2 - 1)) * 255).clamped(to: 0...255))
            }
            let y = plot.row - rect.row + row
            frame.write("▀", row: y, column: 1, in: rect, Style(.ramp(level(0)), on: .ramp(level(1))))
        }
        let top = plot.row - rect.row
        frame.write(NumberFormat.compact(scale.range.upperBound), row: top, column: 3, in: rect, .dim)
        frame.write(
            NumberFormat.compact(scale.range.lowerBound), row: top + plot.rows - 1, column: 3, in: rect, .dim)
    }
}

/// The drawing of channels in half rows of cells (whole rows where half blocks can't be shown).
struct HeatPicture {
    let channels: Int
    private let rows: Int
    private let halves: Int
    private static let shades = [".", ":", "-", "=", "+", "*", "%", "@"]

    init(channels: Int, rows: Int, glyphs: GlyphSet) {
        self.channels = channels
        self.rows = rows
        halves = glyphs.isUnicode ? 2 : 1
    }

    /// The number of lines of colour in the picture.
    private var lines: Int { rows * halves }

    /// The largest number of channels in one line.
    var most: Int { channels > lines && lines > 0 ? (channels + lines - 1) / lines : 1 }

    func row(ofChannel channel: Int) -> Int {
        guard channels > 0 else { return 0 }
        if channels > lines { return channel * lines / channels / halves }
        return (channel * lines + channels - 1) / channels / halves
    }

    func draw(_ values: [Double], _ scale: ValueScale, column: Int, into frame: inout Frame, in rect: Rect) {
        guard channels > 0 else { return }
        for row in 0..<rows {
            let inks = (0..<halves).map { ink(values, scale, line: row * halves + $0) }
            if halves == 2 {
                frame.write("▀", row: row, column: column, in: rect, Style(inks[0], on: inks[1]))
            } else {
                frame.write(shade(inks[0]), row: row, column: column, in: rect, Style(inks[0]))
            }
        }
    }

    private func shade(_ ink: Ink) -> String {
        switch ink {
        case .ramp(let level): Self.shades[Int(level) / 32]
        case .role(.error): "✗"
        default: " "
        }
    }

    private func ink(_ values: [Double], _ scale: ValueScale, line: Int) -> Ink {
        let first = line * channels / lines
        let part = values.dropFirst(first).prefix(max(1, (line + 1) * channels / lines - first))
        guard !part.isEmpty else { return .role(.background) }
        guard part.allSatisfy(\.isFinite) else { return .role(.error) }
        let fractions = part.compactMap(scale.fraction)
        guard let farthest = fractions.max(by: { abs($0 - 0.5) < abs($1 - 0.5) }) else { return .role(.background) }
        return .ramp(UInt8((farthest * 255 + 0.5).clamped(to: 0...255)))
    }
}
