import Canvas

/// The layout of the view: facts, sample images, confusion matrix, filters.
struct ImageLayout: Equatable {
    let facts: Rect
    let samples: Rect
    let confusion: Rect
    let filters: Rect

    private static let nothing = Rect(rows: 0, columns: 0)

    init(_ rect: Rect, classes: Int, large: ImagePage.Pane?) {
        let (top, body) = rect.split(top: 1)
        facts = top
        guard large == nil else {
            samples = large == .samples ? body : Self.nothing
            confusion = large == .confusion ? body : Self.nothing
            filters = large == .filters ? body : Self.nothing
            return
        }
        let (left, right) = body.split(left: max(body.columns * 9 / 20, min(44, body.columns / 2 + 4)))
        samples = right.split(left: 1).rest
        let wanted = min(classes, 12) + 3
        (confusion, filters) = left.split(top: min(wanted, left.rows * 2 / 3))
    }
}
