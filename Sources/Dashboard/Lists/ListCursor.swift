/// A cursor in a list: the chosen line, and the part of the list that a window shows.
struct ListCursor: Equatable, Sendable {
    private(set) var index = 0

    /// Lines that PgUp and PgDn move.
    private static let page = 10

    mutating func update(_ action: KeyAction, count: Int) {
        switch action {
        case .moveUp: index -= 1
        case .moveDown: index += 1
        case .pageUp: index -= Self.page
        case .pageDown: index += Self.page
        case .moveToStart: index = 0
        case .moveToEnd: index = count - 1
        default: break
        }
        clamp(count: count)
    }

    mutating func move(to index: Int, count: Int) {
        self.index = index
        clamp(count: count)
    }

    mutating func clamp(count: Int) { index = max(0, min(index, count - 1)) }

    /// The first line of a window with so many rows, in which the chosen line is in the middle where possible.
    func firstLine(rows: Int, count: Int) -> Int {
        max(0, min(index - rows / 2, count - rows))
    }
}
