import Canvas

extension Frame {
    /// Draws a small window in the middle of `rect`; returns the room inside its border and margin.
    mutating func window(title: String, rows: Int, columns: Int, over rect: Rect) -> Rect {
        let outer = rect.centred(Size(rows: rows + 2, columns: columns + 4))
        fill(outer, with: " ", .text)
        return box(outer, title: title, Style(.accent)).inset(columns: 1)
    }

    /// Draws a key and what it does, as in footers and windows; returns the column after it.
    @discardableResult
    mutating func offer(_ key: String, _ label: String, row: Int, column: Int = 0, in rect: Rect) -> Int {
        let end = write(key, row: row, column: column, in: rect, .key)
        return write(" " + label, row: row, column: end, in: rect, .dim)
    }
}
