import Canvas

/// A bar chart of channels, with a second value of each as a mark over the bar: running statistics and the batch's own,
/// or parameters alone.
///
/// Bars stand on zero, or on the floor of a logarithmic axis. With more channels than columns each column shows its
/// channels' range (solid up to the one nearest to the line, paler to the farthest), and the header says so. A channel
/// that is no finite number is marked.
package struct ChannelChart: Sendable {
    package var title: String
    /// [channel] in the order of the layer.
    package var values: [Double]
    /// [channel], or empty for none.
    package var batch: [Double]
    package var style: Style
    package var batchStyle: Style
    package var yScale: ScaleKind
    /// The names in the legend; empty ones are left out.
    package var label: String
    package var batchLabel: String
    package var selected: Int?

    package init(
        title: String = "", values: [Double], batch: [Double] = [], style: Style = Style(.mean),
        batchStyle: Style = Style(.text), yScale: ScaleKind = .linear, label: String = "", batchLabel: String = "batch",
        selected: Int? = nil
    ) {
        self.title = title
        self.values = values
        self.batch = batch
        self.style = style
        self.batchStyle = batchStyle
        self.yScale = yScale
        self.label = label
        self.batchLabel = batchLabel
        self.selected = selected
    }

    package func draw(into frame: inout Frame, in rect: Rect) {
        guard !rect.isEmpty else { return }
        var area = PlotArea(rect, header: true, gutter: 5)
        var scale = BarScale(fitting: values + batch, rows: area.plot.rows, kind: yScale)
        var ticks = scale.ticks(atMost: area.tickRoom)
        if ticks.labelColumns > 5 {
            area = PlotArea(rect, header: true, gutter: min(9, ticks.labelColumns))
            scale = BarScale(fitting: values + batch, rows: area.plot.rows, kind: yScale)
            ticks = scale.ticks(atMost: area.tickRoom)
        }
        let slots = ChannelSlots(channels: values.count, columns: area.plot.columns)
        area.drawVertical(ticks, into: &frame) { scale.row($0) }
        area.drawHorizontal(slots.ticks(), unit: "chan", into: &frame)
        for slot in slots.all { draw(slot, scale, into: &frame, in: area.plot) }
        slots.mark(selected, into: &frame, area)
        drawHeader(slots, into: &frame, in: area.header)
    }

    private func draw(_ slot: ChannelSlots.Slot, _ scale: BarScale, into frame: inout Frame, in plot: Rect) {
        let heights = values[slot.channels].compactMap(scale.eighths)
        if let near = heights.min(by: { abs($0) < abs($1) }), let low = heights.min(), let high = heights.max() {
            if low != high { drawRange(low: low, high: high, scale, slot, into: &frame, in: plot) }
            let solid = low < 0 && high > 0 ? 0 : near
            frame.bar(eighths: solid, base: scale.up, columns: slot.columns, in: plot, style)
        }
        let own = batch.count == values.count ? batch[slot.channels].filter(\.isFinite) : []
        for value in Set([own.min(), own.max()].compactMap { $0 }) {
            drawMark(value, scale, slot, into: &frame, in: plot)
        }
        let wrong = values[slot.channels].contains { !$0.isFinite || (yScale == .logarithmic && $0 <= 0) }
        guard wrong || batch.indices.overlaps(slot.channels) && batch[slot.channels].contains(where: { !$0.isFinite })
        else { return }
        frame.write("✗", row: max(0, scale.up - 1), column: slot.middle, in: plot, .error)
    }

    private func drawRange(
        low: Int, high: Int, _ scale: BarScale, _ slot: ChannelSlots.Slot, into frame: inout Frame, in plot: Rect
    ) {
        let pale = Style(.role(.dim), on: style.paper)
        for end in [low, high] { frame.bar(eighths: end, base: scale.up, columns: slot.columns, in: plot, pale) }
    }

    /// Draws a thin line across the slot at the height of a value, in the upper, middle or lower part of its cell.
    private func drawMark(
        _ value: Double, _ scale: BarScale, _ slot: ChannelSlots.Slot, into frame: inout Frame, in plot: Rect
    ) {
        guard let height = scale.eighths(value), let row = scale.row(value), row < plot.rows else { return }
        let part = height - (scale.up - 1 - row) * 8
        let glyph = part <= 2 ? "▁" : part <= 5 ? "─" : "▔"
        for column in slot.columns where frame.bounds.contains(row: plot.row + row, column: plot.column + column) {
            let under = frame[plot.row + row, plot.column + column]
            let covered = "▅▆▇█#".contains(under.character) && !under.style.attributes.contains(.reverse)
            let paper = covered ? under.style.ink : under.style.paper
            frame.write(glyph, row: row, column: column, in: plot, Style(batchStyle.ink, on: paper, .bold))
        }
    }

    private func drawHeader(_ slots: ChannelSlots, into frame: inout Frame, in rect: Rect) {
        var entries: [Legend.Entry] = []
        if !label.isEmpty { entries.append(.init(label: label, value: "", style: style)) }
        if !batch.isEmpty, !batchLabel.isEmpty {
            entries.append(.init(label: batchLabel, value: "", style: batchStyle))
        }
        let note = slots.most > 1 ? "\(values.count) channels, \(slots.most) a column" : ""
        Legend(title: title, note: note, entries: entries).draw(into: &frame, in: rect)
    }
}

/// The assignment of channels to columns: bars of equal width, or several channels to a column.
struct ChannelSlots: Equatable, Sendable {
    struct Slot: Equatable, Sendable {
        let channels: Range<Int>
        /// The columns of the plot, without the gap to the next bar.
        let columns: Range<Int>

        var middle: Int { (columns.lowerBound + columns.upperBound - 1) / 2 }
    }

    let all: [Slot]

    init(channels: Int, columns: Int) {
        guard channels > 0, columns > 0 else {
            all = []
            return
        }
        if channels > columns {
            all = (0..<columns).map {
                Slot(channels: channels * $0 / columns..<channels * ($0 + 1) / columns, columns: $0..<$0 + 1)
            }
        } else {
            let pitch = columns / channels
            let width = pitch >= 3 ? pitch - 1 : pitch
            all = (0..<channels).map { Slot(channels: $0..<$0 + 1, columns: $0 * pitch..<$0 * pitch + width) }
        }
    }

    /// The largest number of channels in one column.
    var most: Int { all.map(\.channels.count).max() ?? 0 }

    /// Draws a pointer to a channel from below: on the axis line, or else among the labels, or in the plot.
    func mark(_ channel: Int?, into frame: inout Frame, _ area: PlotArea) {
        guard let channel, let slot = all.first(where: { $0.channels.contains(channel) }) else { return }
        let style = Style(.accent, .bold)
        if !area.axis.isEmpty {
            frame.write("▲", column: area.gutter.columns + slot.middle, in: area.axis, style)
        } else if !area.labels.isEmpty {
            let column = area.gutter.columns + slot.middle
            frame.write("▲", column: column, in: area.labels, style)
        } else {
            frame.write("▲", row: area.plot.rows - 1, column: slot.middle, in: area.plot, style)
        }
    }

    /// The channel numbers under their bars, as many as fit.
    func ticks() -> [(column: Int, label: String)] {
        guard let last = all.last else { return [] }
        let count = Double(last.channels.upperBound)
        let numbers = Ticks.linear(0...max(1, count), atMost: max(2, last.columns.upperBound / 6), whole: true).values
        return numbers.compactMap { number in
            all.first { $0.channels.contains(Int(number)) }.map { ($0.middle, "\(Int(number))") }
        }
    }
}
