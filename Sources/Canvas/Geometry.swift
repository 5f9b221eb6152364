/// A size in rows and columns of cells.
package struct Size: Hashable, Sendable {
    package var rows: Int
    package var columns: Int

    package init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
    }
}

/// A rectangle of cells, with row 0 and column 0 in the frame's upper left corner. It may be empty, never negative.
package struct Rect: Hashable, Sendable {
    package let row: Int
    package let column: Int
    package let rows: Int
    package let columns: Int

    package init(row: Int = 0, column: Int = 0, rows: Int, columns: Int) {
        self.row = row
        self.column = column
        self.rows = max(0, rows)
        self.columns = max(0, columns)
    }

    package var size: Size { Size(rows: rows, columns: columns) }
    package var isEmpty: Bool { rows == 0 || columns == 0 }
    package var endRow: Int { row + rows }
    package var endColumn: Int { column + columns }

    package func contains(row: Int, column: Int) -> Bool {
        row >= self.row && row < endRow && column >= self.column && column < endColumn
    }

    package func intersection(_ other: Rect) -> Rect {
        let top = max(row, other.row)
        let left = max(column, other.column)
        return Rect(
            row: top, column: left, rows: min(endRow, other.endRow) - top,
            columns: min(endColumn, other.endColumn) - left)
    }

    package func inset(rows dr: Int = 0, columns dc: Int = 0) -> Rect {
        Rect(
            row: row + min(dr, self.rows), column: column + min(dc, columns), rows: rows - 2 * dr,
            columns: columns - 2 * dc)
    }

    /// The first `count` rows, and the rest.
    package func split(top count: Int) -> (top: Rect, rest: Rect) {
        let count = min(max(0, count), rows)
        return (
            Rect(row: row, column: column, rows: count, columns: columns),
            Rect(row: row + count, column: column, rows: rows - count, columns: columns)
        )
    }

    /// The first `count` columns, and the rest.
    package func split(left count: Int) -> (left: Rect, rest: Rect) {
        let count = min(max(0, count), columns)
        return (
            Rect(row: row, column: column, rows: rows, columns: count),
            Rect(row: row, column: column + count, rows: rows, columns: columns - count)
        )
    }

    /// The rectangle divided into `parts` side by side; the first ones get the columns left over.
    package func columns(_ parts: Int) -> [Rect] {
        precondition(parts > 0, "a rectangle is split into at least one part")
        return (0..<parts).map { part in
            let start = columns * part / parts
            let end = columns * (part + 1) / parts
            return Rect(row: row, column: column + start, rows: rows, columns: end - start)
        }
    }

    /// A centred rectangle with this size, clipped to what fits.
    package func centred(_ size: Size) -> Rect {
        let height = min(size.rows, rows)
        let width = min(size.columns, columns)
        return Rect(
            row: row + (rows - height) / 2, column: column + (columns - width) / 2, rows: height, columns: width)
    }
}
