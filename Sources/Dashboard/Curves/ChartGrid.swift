import Canvas

/// Charts side by side, as many as a rectangle holds legibly; what doesn't fit goes to further pages.
struct ChartGrid: Equatable {
    let columns: Int
    let rows: Int
    private let rect: Rect

    /// Cells of a chart that can still be read.
    private static let smallest = Size(rows: 8, columns: 36)
    /// A grid of fewer charts than that has larger ones.
    private static let most = Size(rows: 8, columns: 6)

    init(_ rect: Rect, charts: Int) {
        self.rect = rect
        let across = min(max(1, rect.columns / Self.smallest.columns), Self.most.columns)
        let down = min(max(1, rect.rows / Self.smallest.rows), Self.most.rows)
        // The narrowest grid that still holds all of them, so that few charts become large.
        columns = min(across, max(1, (1...across).first { $0 * down >= charts && $0 * $0 >= charts } ?? across))
        rows = min(down, max(1, (charts + columns - 1) / columns))
    }

    var perPage: Int { columns * rows }

    /// What stands on the page that shows the item at `index`.
    func page<Item>(of index: Int, _ items: [Item]) -> [Item] {
        Array(items.dropFirst(index / perPage * perPage).prefix(perPage))
    }

    /// The charts' rooms, a column between neighbours, row by row.
    var cells: [Rect] {
        (0..<rows).flatMap { row -> [Rect] in
            let top = rect.rows * row / rows
            let line = Rect(
                row: rect.row + top, column: rect.column, rows: rect.rows * (row + 1) / rows - top,
                columns: rect.columns)
            return line.columns(columns).map {
                Rect(row: $0.row, column: $0.column, rows: $0.rows, columns: $0.columns - 1)
            }
        }
    }

    /// Which chart of the page stands at a place of the frame.
    func place(row: Int, column: Int) -> Int? { cells.firstIndex { $0.contains(row: row, column: column) } }

    func cell(row: Int, column: Int) -> Rect { place(row: row, column: column).map { cells[$0] } ?? rect }
}
