/// Which line of a list is chosen, and which part of the list is in the window.
struct ListCursor: Equatable, Sendable {
    private(set) var index = 0

    /// Lines that PgUp and PgDn jump over.
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

    /// The first line to show so that the chosen one is among `rows` lines, in their middle where possible.
    func firstLine(rows: Int, count: Int) -> Int {
        max(0, min(index - rows / 2, count - rows))
    }
}
