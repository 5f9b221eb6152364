import Canvas

/// The layout of the Histograms view: the list of tags, the chart over time, the chosen moment.
struct HistogramsLayout {
    let facts: Rect
    let list: Rect
    let history: Rect
    let moment: Rect

    init(_ rect: Rect, isLarge: Bool) {
        let (top, body) = rect.split(top: 1)
        facts = top
        let (left, right) = body.split(left: max(18, min(40, rect.columns / 4)))
        list = Rect(row: left.row, column: left.column, rows: left.rows, columns: left.columns - 1)
        let parts = right.split(top: isLarge ? 0 : right.rows - max(8, right.rows * 2 / 5))
        (history, moment) = (parts.top, parts.rest)
    }
}
