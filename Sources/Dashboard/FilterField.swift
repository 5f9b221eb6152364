import Canvas

/// A filter being typed and the one in force: what is typed shows at once, Enter keeps it, Esc goes back to what was.
struct FilterField: Equatable, Sendable {
    private var applied = ""
    private var draft: TextInput?

    var isTyping: Bool { draft != nil }
    /// What lists are filtered by now.
    var text: String { draft?.text ?? applied }
    var isEmpty: Bool { text.isEmpty }

    mutating func begin() { draft = TextInput(applied) }
    mutating func clear() { (applied, draft) = ("", nil) }

    /// Whether the key was for the filter.
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

    /// `/loss|accuracy` with a cursor while it is typed; nothing where there is no filter. Returns the column after it.
    @discardableResult
    func draw(into frame: inout Frame, row: Int, column: Int, in rect: Rect) -> Int {
        guard isTyping || !applied.isEmpty else { return column }
        let room = max(0, rect.columns - column - 2)
        let shown = "/" + String(text.suffix(max(0, room - 1)))
        let end = frame.write(
            shown, row: row, column: column, in: rect, isTyping ? Style(.accent, .bold) : Style(.accent))
        guard isTyping else { return end }
        return frame.write(" ", row: row, column: end, in: rect, Style(.role(.text), .reverse))
    }
}
