import Canvas

/// A line of text that is being edited, with a cursor.
struct TextInput: Equatable, Sendable {
    private static let longest = 500
    private var characters: [Character]
    /// Characters before the cursor.
    private(set) var cursor: Int

    init(_ text: String = "") {
        characters = Array(text.prefix(Self.longest))
        cursor = characters.count
    }

    var text: String { String(characters) }
    var beforeCursor: String { String(characters[..<cursor]) }

    mutating func update(_ key: Key) {
        switch key {
        case .character(let character): insert(character)
        case .backspace: remove(from: cursor - 1, to: cursor)
        case .delete, .control("d"): remove(from: cursor, to: cursor + 1)
        case .left, .control("b"): cursor = max(0, cursor - 1)
        case .right, .control("f"): cursor = min(characters.count, cursor + 1)
        case .home, .control("a"): cursor = 0
        case .end, .control("e"): cursor = characters.count
        case .control("u"): remove(from: 0, to: cursor)
        case .control("k"): remove(from: cursor, to: characters.count)
        case .control("w"): remove(from: startOfWord, to: cursor)
        default: break
        }
    }

    /// Replaces the last `count` characters before the cursor.
    mutating func replace(last count: Int, with text: String) {
        remove(from: cursor - count, to: cursor)
        for character in text { insert(character) }
    }

    private mutating func insert(_ character: Character) {
        guard characters.count < Self.longest else { return }
        characters.insert(character, at: cursor)
        cursor += 1
    }

    private mutating func remove(from start: Int, to end: Int) {
        let range = max(0, start)..<min(end, characters.count)
        guard !range.isEmpty else { return }
        characters.removeSubrange(range)
        cursor = range.lowerBound
    }

    private var startOfWord: Int {
        var place = cursor
        while place > 0, characters[place - 1] == " " { place -= 1 }
        while place > 0, characters[place - 1] != " " { place -= 1 }
        return place
    }

    /// Draws the text, scrolled so that the cursor is visible; returns the column after it.
    @discardableResult
    func draw(
        prompt: String = "", into frame: inout Frame, row: Int, column: Int = 0, in rect: Rect,
        _ style: Style = Style(.accent, .bold)
    ) -> Int {
        let start = frame.write(prompt, row: row, column: column, in: rect, style)
        let room = max(1, rect.columns - start)
        var first = cursor
        var width = characters[safe: cursor]?.columns ?? 1
        while first > 0, width + characters[first - 1].columns <= room {
            first -= 1
            width += characters[first].columns
        }
        var end = start
        for place in first..<characters.count where end < rect.columns {
            end = frame.write(
                String(characters[place]), row: row, column: end, in: rect,
                place == cursor ? Style(.role(.text), .reverse) : style)
        }
        guard cursor == characters.count else { return end }
        return frame.write(" ", row: row, column: end, in: rect, Style(.role(.text), .reverse))
    }
}
