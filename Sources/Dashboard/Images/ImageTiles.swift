import Canvas

/// The layout of images in a grid: at full size where four have room, or else at half, a quarter or an eighth of it.
struct ImageTiles {
    let across: Int
    /// The divisor of the image size.
    let part: Int
    private let down: Int
    private let size: Size
    private let body: Rect
    private let count: Int

    private static let enough = 4

    init(rows: Int, columns: Int, count: Int, in rect: Rect) {
        body = rect.split(top: 1).rest
        self.count = count
        let parts = [1, 2, 4, 8]
        let sizes = parts.map { part in
            Size(rows: max(2, (rows / part + 1) / 2 + 1), columns: max(8, columns / part + 1))
        }
        let area = body
        let best =
            sizes.firstIndex { Self.fit($0, area) >= Self.enough } ?? sizes.firstIndex { Self.fit($0, area) > 0 } ?? 3
        (size, part) = (sizes[best], parts[best])
        across = body.columns / size.columns
        down = body.rows / size.rows
    }

    private static func fit(_ size: Size, _ rect: Rect) -> Int {
        (rect.columns / size.columns) * (rect.rows / size.rows)
    }

    /// The images of the page that contains the chosen one, each with its rectangle.
    func places(around chosen: Int) -> [(number: Int, place: Rect)] {
        guard across > 0, down > 0 else { return [] }
        let first = chosen / (across * down) * across * down
        return (first..<min(count, first + across * down)).map { number in
            let (row, column) = (number - first).quotientAndRemainder(dividingBy: across)
            return (
                number,
                Rect(
                    row: body.row + row * size.rows, column: body.column + column * size.columns, rows: size.rows,
                    columns: size.columns)
            )
        }
    }
}
