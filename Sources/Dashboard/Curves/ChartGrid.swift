import Canvas

/// A grid of charts, as many as fit legibly into a rectangle; the others go to further pages.
struct ChartGrid: Equatable {
    let columns: Int
    let rows: Int
    private let rect: Rect

    /// The smallest size of a chart that can still be read.
    private static let smallest = Size(rows: 8, columns: 36)
    /// The most rows and columns of charts in a grid.
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

    /// The items on the page that contains the item at `index`.
    func page<Item>(of index: Int, _ items: [Item]) -> [Item] {
        Array(items.dropFirst(index / perPage * perPage).prefix(perPage))
    }

    /// The rectangles of the charts, row by row, with a column between neighbours.
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

    /// The index on the page of the chart at a position of the frame.
    func place(row: Int, column: Int) -> Int? { cells.firstIndex { $0.contains(row: row, column: column) } }

    func cell(row: Int, column: Int) -> Rect { place(row: row, column: column).map { cells[$0] } ?? rect }
}
