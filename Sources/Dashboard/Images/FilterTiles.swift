import Canvas
import Charts
import Runs

/// The filters of a convolution as pictures of one scale, each stretched from its smallest weight to its largest.
struct FilterTiles {
    let title: String
    let filters: EvaluationRecord.Filters?

    func draw(into frame: inout Frame, in rect: Rect) {
        guard let filters else { return frame.pane(title, in: rect, note: "no 2-D convolution in this network") }
        let (header, body) = rect.split(top: 1)
        let (count, height, width) = (filters.shape[0], filters.shape[2], filters.shape[3])
        let tile = Self.tile(height, width, count: count, in: body)
        let across = max(1, body.columns / tile.columns)
        let shown = min(count, across * (body.rows / tile.rows))
        let kind = filters.shape[1] == 3 ? "as RGB" : "first of \(filters.shape[1]) inputs"
        let note = shown < count ? "\(shown) of \(count)" : "\(count)"
        frame.write(
            "\(title) \(filters.name) · \(note), \(filters.shape[1] == 1 ? "grey" : kind)".fitted(to: header.columns),
            in: header, .title)
        for number in 0..<shown {
            let (row, column) = number.quotientAndRemainder(dividingBy: across)
            picture(of: number, filters).draw(
                into: &frame,
                in: Rect(
                    row: body.row + row * tile.rows, column: body.column + column * tile.columns,
                    rows: tile.rows - (tile.rows > 2 ? 1 : 0), columns: tile.columns - 1))
        }
    }

    /// The largest whole multiple of a filter's pixels at which all filters fit, with a gap between them.
    private static func tile(_ height: Int, _ width: Int, count: Int, in rect: Rect) -> Size {
        let sizes = (1...8).map { Size(rows: (height * $0 + 1) / 2 + 1, columns: width * $0 + 1) }
        return sizes.last { (rect.columns / $0.columns) * (rect.rows / $0.rows) >= count } ?? sizes[0]
    }

    private func picture(of number: Int, _ filters: EvaluationRecord.Filters) -> PixelImage {
        let (inputs, size) = (filters.shape[1], filters.shape[2] * filters.shape[3])
        let planes = (inputs == 3 ? [0, 1, 2] : [0]).map { plane in
            let start = (number * inputs + plane) * size
            return Array(filters.values[start..<start + size])
        }
        let finite = planes.joined().filter(\.isFinite)
        return PixelImage(
            planes: planes, rows: filters.shape[2], columns: filters.shape[3],
            range: (finite.min() ?? 0)...(finite.max() ?? 1))
    }
}
