import Canvas

/// A filter that can be edited: what is typed takes effect at once, Enter keeps it, Esc restores the former one.
struct FilterField: Equatable, Sendable {
    private var applied = ""
    private var draft: TextInput?

    var isTyping: Bool { draft != nil }
    /// The text of the filter in force or being typed.
    var text: String { draft?.text ?? applied }
    var isEmpty: Bool { text.isEmpty }

    mutating func begin() { draft = TextInput(applied) }

    /// Takes the filter away; false if there was none.
    @discardableResult
    mutating func clear() -> Bool {
        defer { (applied, draft) = ("", nil) }
        return !isEmpty
    }

    mutating func apply(_ text: String) { (applied, draft) = (text, nil) }
    /// The filter in force, without what is being typed.
    var kept: String { applied }

    /// The items that pass the filter.
    func passing<Item>(_ items: [Item], _ description: (Item) -> ListFilter.Item) -> [Item] {
        if isEmpty { return items }
        let filter = ListFilter(text)
        return items.filter { filter.matches(description($0)) }
    }

    /// Handles a key while the filter is being typed; returns false while it is not.
    mutating func update(_ key: Key) -> Bool {
        guard draft != nil else { return false }
        switch key {
        case .enter:
            applied = text
            draft = nil
        case .escape, .control("c"): draft = nil
        default: draft?.update(key)
        }
        return true
    }

    /// Draws `/loss|accuracy`, with a cursor while it is typed; nothing without a filter. Returns the column after it.
    @discardableResult
    func draw(into frame: inout Frame, row: Int, column: Int, in rect: Rect) -> Int {
        guard isTyping || !applied.isEmpty else { return column }
        let end = drawText(into: &frame, row: row, column: column, in: rect)
        guard let problem = ListFilter(text).problem else { return end }
        return frame.write("  " + problem, row: row, column: end, in: rect, .warning)
    }

    /// Draws the filter at the start of a line; returns the column at which the rest of the line begins.
    func drawAtStart(into frame: inout Frame, row: Int = 0, in rect: Rect) -> Int {
        let end = draw(into: &frame, row: row, column: 0, in: rect)
        return end > 0 ? end + 2 : 0
    }

    private func drawText(into frame: inout Frame, row: Int, column: Int, in rect: Rect) -> Int {
        if let draft { return draft.draw(prompt: "/", into: &frame, row: row, column: column, in: rect) }
        let room = max(0, rect.columns - column - 1)
        return frame.write("/" + text.fitted(to: room), row: row, column: column, in: rect, Style(.accent))
    }
}
