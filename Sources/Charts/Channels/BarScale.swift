import Canvas

/// The scale of bars: they stand on zero, which lies between two rows of cells, or on the floor of a logarithmic axis.
/// Heights are counted in eighths of a row.
struct BarScale: Equatable, Sendable {
    /// The number of rows above and below the base line of the bars.
    let up: Int
    let down: Int
    private let scale: ValueScale

    /// A scale for bars that reach from `low` to `high` (finite), in `rows` rows.
    init(low: Double, high: Double, rows: Int, kind: ScaleKind) {
        let rows = max(1, rows)
        guard kind == .linear else {
            (up, down) = (rows, 0)
            scale = ValueScale(low...max(low, high), kind: .logarithmic)
            return
        }
        let top = max(0, min(1e300, high))
        let bottom = min(0, max(-1e300, low))
        let span = top - bottom
        let wanted = span > 0 ? Int((Double(rows) * top / span).rounded()) : rows
        up = max(top > 0 || bottom == 0 ? 1 : 0, min(wanted, bottom < 0 && rows > 1 ? rows - 1 : rows))
        down = rows - up
        let perRow = max(up > 0 ? top / Double(up) : 0, down > 0 ? -bottom / Double(down) : 0)
        let unit = perRow > 0 ? perRow : 1 / Double(rows)
        scale = ValueScale(-Double(down) * unit...Double(up) * unit, kind: .linear)
    }

    /// The scale that holds all finite `values`; a logarithmic one looks at the positive ones alone.
    init(fitting values: some Sequence<Double>, rows: Int, kind: ScaleKind) {
        let shown = values.filter { $0.isFinite && (kind == .linear || $0 > 0) }
        guard let low = shown.min(), let high = shown.max() else {
            self.init(low: kind == .linear ? 0 : 0.1, high: 1, rows: rows, kind: kind)
            return
        }
        self.init(low: kind == .linear ? low : low / 1.5, high: high, rows: rows, kind: kind)
    }

    private var rows: Int { up + down }

    /// The height over the base line in eighths of a row, negative below it; nil where the axis can't show the value.
    func eighths(_ value: Double) -> Int? {
        guard let fraction = scale.fraction(value) else { return nil }
        let height = ((fraction * Double(rows) - Double(down)) * 8).rounded()
        return height.clamped(to: -down * 8...up * 8)
    }

    /// The row of a bar's tip, 0 the highest.
    func row(_ value: Double) -> Int? {
        guard let height = eighths(value) else { return nil }
        if height > 0 { return up - (height + 7) / 8 }
        if height < 0 { return up + (-height + 7) / 8 - 1 }
        return max(0, up - 1)
    }

    func ticks(atMost count: Int) -> Ticks { scale.ticks(atMost: count) }
}

extension Frame {
    private static let lowerBlocks = ["", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// Draws a bar that stands on the line under row `base - 1` of `rect` and rises by `eighths` of a row, or hangs
    /// from it when they are negative.
    mutating func bar(eighths: Int, base: Int, columns: Range<Int>, in rect: Rect, _ style: Style) {
        let (whole, rest) = abs(eighths).quotientAndRemainder(dividingBy: 8)
        let rows = eighths > 0 ? (base - whole..<base) : (base..<base + whole)
        for row in rows { block("█", row: row, columns: columns, in: rect, style) }
        guard rest > 0 else { return }
        if eighths > 0 {
            block(Self.lowerBlocks[rest], row: base - whole - 1, columns: columns, in: rect, style)
        } else {
            hang(rest, row: base + whole, columns: columns, in: rect, style)
        }
    }

    /// Fills the upper `eighths` of a cell. Only lower blocks exist in eighths, so the rest of the cell is drawn in
    /// reverse.
    private mutating func hang(_ eighths: Int, row: Int, columns: Range<Int>, in rect: Rect, _ style: Style) {
        guard glyphs.isUnicode else {
            block(eighths >= 4 ? "#" : "'", row: row, columns: columns, in: rect, style)
            return
        }
        let reversed = Style(style.ink, on: style.paper, style.attributes.union(.reverse))
        block(Self.lowerBlocks[8 - eighths], row: row, columns: columns, in: rect, reversed)
    }

    private mutating func block(_ text: String, row: Int, columns: Range<Int>, in rect: Rect, _ style: Style) {
        guard row >= 0, row < rect.rows, !columns.isEmpty else { return }
        write(String(repeating: text, count: columns.count), row: row, column: columns.lowerBound, in: rect, style)
    }
}
