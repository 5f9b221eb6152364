import Canvas

/// One line of text being typed.
struct TextInput: Equatable, Sendable {
    private static let longest = 200
    private(set) var text: String

    init(_ text: String = "") {
        self.text = String(text.prefix(Self.longest))
    }

    mutating func update(_ key: Key) {
        switch key {
        case .character(let character) where text.count < Self.longest: text.append(character)
        case .backspace: text = String(text.dropLast())
        case .control("u"): text = ""
        case .control("w"): dropWord()
        default: break
        }
    }

    private mutating func dropWord() {
        while text.last == " " { text.removeLast() }
        while let last = text.last, last != " " { text.removeLast() }
    }
}
