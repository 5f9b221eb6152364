import Canvas

/// A chart of a layer's channels as bands: the running mean with one standard deviation to either side, and over it the
/// batch's own, so that a batch that does not fit its layer is seen at once.
///
/// Channels run from left to right. With more channels than columns each column shows the widest reach of its channels.
package struct VarianceBand: Sendable {
    /// Mean and variance by channel, of a normalization layer or of one batch.
    package struct Statistics: Sendable {
        package let mean: [Double]
        package let variance: [Double]

        package init(mean: [Double], variance: [Double]) {
            self.mean = mean
            self.variance = variance
        }

        /// The band of a channel: mean − σ, mean, mean + σ; nil if one is not finite.
        fileprivate func reach(_ channel: Int) -> (low: Double, middle: Double, high: Double)? {
            guard channel < mean.count, channel < variance.count else { return nil }
            let deviation = variance[channel].squareRoot()
            guard mean[channel].isFinite, deviation.isFinite else { return nil }
            return (mean[channel] - deviation, mean[channel], mean[channel] + deviation)
        }
    }

    package var title: String
    package var running: Statistics
    package var batch: Statistics?
    package var selected: Int?

    package init(title: String = "", running: Statistics, batch: Statistics? = nil, selected: Int? = nil) {
        self.title = title
        self.running = running
        self.batch = batch
        self.selected = selected
    }

    package func draw(into frame: inout Frame, in rect: Rect) {
        guard !rect.isEmpty else { return }
        let area = PlotArea(rect, header: true, gutter: 6)
        let slots = ChannelSlots(channels: running.mean.count, columns: area.plot.columns)
        let scale = fittingScale
        let rows = area.plot.rows
        area.drawVertical(scale.ticks(atMost: area.tickRoom), into: &frame) {
            scale.dot($0, of: rows * 4).map { $0 / 4 }
        }
        area.drawHorizontal(slots.ticks(), unit: "chan", into: &frame)
        for slot in slots.all { draw(slot, scale, into: &frame, in: area.plot) }
        slots.mark(selected, into: &frame, area)
        drawHeader(slots, into: &frame, in: area.header)
    }

    private var fittingScale: ValueScale {
        let all = running.mean.indices.flatMap { [running.reach($0), batch?.reach($0)] }.compactMap { $0 }
        return ValueScale(
            fitting: all.map { ColumnExtent(minimum: $0.low, maximum: $0.high, first: $0.middle, last: $0.middle) },
            kind: .linear)
    }

    /// The widest band of a slot's channels, with the mean of the middle one.
    private func reach(_ slot: ChannelSlots.Slot, _ statistics: Statistics) -> (
        low: Double, middle: Double, high: Double
    )? {
        let all = slot.channels.compactMap(statistics.reach)
        guard let low = all.map(\.low).min(), let high = all.map(\.high).max() else { return nil }
        return (low, all[all.count / 2].middle, high)
    }

    private func draw(_ slot: ChannelSlots.Slot, _ scale: ValueScale, into frame: inout Frame, in plot: Rect) {
        guard let band = reach(slot, running), slot.channels.allSatisfy({ running.reach($0) != nil }) else {
            frame.write("✗", row: plot.rows - 1, column: slot.middle, in: plot, .error)
            return
        }
        let rows = { (value: Double) in (scale.dot(value, of: plot.rows * 8) ?? 0) / 8 }
        let isSelected = selected.map(slot.channels.contains) ?? false
        let ground = Style(.role(.mean), on: isSelected ? .role(.selection) : .role(.panel))
        for row in max(0, rows(band.high))...max(0, rows(band.high), rows(band.low)) {
            let text = frame.glyphs.isUnicode ? " " : ":"
            frame.write(
                String(repeating: text, count: slot.columns.count), row: row, column: slot.columns.lowerBound, in: plot,
                ground)
        }
        line(band.middle, slot, scale, Style(.mean), into: &frame, in: plot)
        guard let batch, let own = reach(slot, batch) else { return }
        let middle = slot.middle
        for row in max(0, rows(own.high))...max(0, rows(own.high), rows(own.low)) {
            let isHidden = slot.columns.count == 1 && row == rows(band.middle)
            guard !isHidden else { continue }
            frame.write("│", row: row, column: middle, in: plot, over(frame, plot, row, middle, .role(.text)))
        }
        // Where there is one column for both, a batch that is where it should be leaves the line to be seen.
        guard slot.columns.count > 1 || rows(own.middle) != rows(band.middle) else { return }
        frame.write(
            "●", row: rows(own.middle), column: middle, in: plot,
            over(frame, plot, rows(own.middle), middle, .role(.text)))
    }

    /// Draws the mean as a thin line in the part of its cell where it lies.
    private func line(
        _ value: Double, _ slot: ChannelSlots.Slot, _ scale: ValueScale, _ style: Style, into frame: inout Frame,
        in plot: Rect
    ) {
        guard let dot = scale.dot(value, of: plot.rows * 8), (0..<plot.rows * 8).contains(dot) else { return }
        let glyph = dot % 8 <= 1 ? "▔" : dot % 8 <= 5 ? "━" : "▁"
        for column in slot.columns {
            frame.write(glyph, row: dot / 8, column: column, in: plot, over(frame, plot, dot / 8, column, style.ink))
        }
    }

    /// The style with an ink on the existing background.
    private func over(_ frame: Frame, _ plot: Rect, _ row: Int, _ column: Int, _ ink: Ink) -> Style {
        guard frame.bounds.contains(row: plot.row + row, column: plot.column + column) else { return Style(ink) }
        return Style(ink, on: frame[plot.row + row, plot.column + column].style.paper)
    }

    private func drawHeader(_ slots: ChannelSlots, into frame: inout Frame, in rect: Rect) {
        var entries = [Legend.Entry(label: "running ±σ", value: "", style: Style(.mean))]
        if batch != nil { entries.append(.init(label: "batch ±σ", value: "", style: Style(.text))) }
        let note = slots.most > 1 ? "\(running.mean.count) channels, \(slots.most) a column" : ""
        Legend(title: title, note: note, entries: entries).draw(into: &frame, in: rect)
    }
}
