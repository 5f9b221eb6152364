import Canvas

/// A chart of channels with a row for each process: the distance of each value from 0 as a shade, its sign as a colour.
///
/// With more channels than columns, or more rows than there is room for, each cell shows the one of its values that is
/// farthest from 0, and the header says so.
package struct ChannelRows: Sendable {
    package var title: String
    package var names: [String]
    /// [row][channel].
    package var values: [[Double]]
    /// The distance from 0 with the full shade.
    package var full: Double
    package var above: (label: String, style: Style)
    package var below: (label: String, style: Style)
    package var selected: Int?
    /// The columns for the names, so that channels align with another chart.
    package var gutter = 5

    package init(
        title: String, names: [String], values: [[Double]], full: Double, above: (label: String, style: Style),
        below: (label: String, style: Style), selected: Int? = nil
    ) {
        self.title = title
        self.names = names
        self.values = values
        self.full = full
        self.above = above
        self.below = below
        self.selected = selected
    }

    private static let shades = (unicode: ["·", "░", "▒", "▓", "█"], ascii: [".", "-", "+", "*", "@"])
    private static let tallest = 3

    package func draw(into frame: inout Frame, in rect: Rect) {
        let channels = values.map(\.count).max() ?? 0
        guard !rect.isEmpty, channels > 0 else { return }
        let area = PlotArea(rect, header: true, gutter: gutter)
        let slots = ChannelSlots(channels: channels, columns: area.plot.columns)
        area.drawHorizontal(slots.ticks(), unit: "chan", into: &frame)
        let bands = bands(in: area.plot.rows)
        for band in bands {
            let name = names[safe: band.members.lowerBound] ?? ""
            frame.write(name.padded(to: gutter, right: true), row: band.lines.lowerBound, in: area.gutter, .dim)
            for slot in slots.all { draw(band, slot, into: &frame, in: area.plot) }
        }
        slots.mark(selected, into: &frame, area)
        let most = max(slots.most, 1) * (bands.map(\.members.count).max() ?? 1)
        Legend(
            title: title, note: most > 1 ? "the farthest of \(most) a cell" : "",
            entries: [
                .init(label: above.label, value: "", style: above.style),
                .init(label: below.label, value: "", style: below.style),
            ]
        ).draw(into: &frame, in: area.header)
    }

    private struct Band {
        let members: Range<Int>
        let lines: Range<Int>
    }

    /// The assignment of rows of values to lines of the picture.
    private func bands(in lines: Int) -> [Band] {
        let count = values.count
        guard lines > 0 else { return [] }
        guard count <= lines else {
            return (0..<lines).map { Band(members: count * $0 / lines..<count * ($0 + 1) / lines, lines: $0..<$0 + 1) }
        }
        let height = min(Self.tallest, lines / count)
        return (0..<count).map { Band(members: $0..<$0 + 1, lines: $0 * height..<($0 + 1) * height) }
    }

    private func draw(_ band: Band, _ slot: ChannelSlots.Slot, into frame: inout Frame, in plot: Rect) {
        let own = values[band.members].flatMap { row in slot.channels.compactMap { row[safe: $0] } }
        guard !own.isEmpty else { return }
        let isWrong = own.contains { !$0.isFinite }
        let value = own.max { abs($0) < abs($1) } ?? 0
        let (glyph, style) = isWrong ? ("✗", Style.error) : appearance(of: value, frame.glyphs)
        for line in band.lines {
            for column in slot.columns { frame.write(glyph, row: line, column: column, in: plot, style) }
        }
    }

    private func appearance(of value: Double, _ glyphs: GlyphSet) -> (String, Style) {
        let shades = glyphs.isUnicode ? Self.shades.unicode : Self.shades.ascii
        let last = shades.count - 1
        let share: Double = full > 0 ? min(1, abs(value) / full) : 0
        let level = Int((share * Double(last)).rounded())
        return (shades[level], level == 0 ? .border : value > 0 ? above.style : below.style)
    }
}

extension Array {
    fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
