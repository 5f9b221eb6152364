import Canvas

/// The spelling of keys in the configuration file: `q`, `space`, `ctrl-c`, `F1`, `pgup`, `shift-tab`.
extension Key {
    private static let words: [(key: Key, words: [String])] = [
        (.character(" "), ["space"]), (.enter, ["enter", "return"]), (.escape, ["esc", "escape"]), (.tab, ["tab"]),
        (.backTab, ["shift-tab", "backtab"]), (.backspace, ["backspace"]), (.delete, ["delete", "del"]),
        (.up, ["up", "↑"]), (.down, ["down", "↓"]), (.left, ["left", "←"]), (.right, ["right", "→"]),
        (.home, ["home"]), (.end, ["end"]), (.pageUp, ["pgup", "pageup"]), (.pageDown, ["pgdn", "pagedown"]),
    ]

    /// The names of keys that are no characters, for suggestions.
    package static let spellings = words.map { $0.words[0] } + ["ctrl-c", "f1"]

    package init?(spelling text: String) {
        if text.count == 1, let character = text.first, character.isPrintable {
            self = .character(character)
            return
        }
        let word = text.lowercased()
        if let known = Self.words.first(where: { $0.words.contains(word) }) {
            self = known.key
        } else if let letter = Self.letter(after: ["ctrl-", "control-", "c-", "^"], in: word) {
            self = .control(letter)
        } else if word.hasPrefix("f"), let number = Int(word.dropFirst()), (1...12).contains(number) {
            self = .function(number)
        } else {
            return nil
        }
    }

    private static func letter(after beginnings: [String], in word: String) -> Character? {
        for beginning in beginnings where word.hasPrefix(beginning) {
            let rest = word.dropFirst(beginning.count)
            if rest.count == 1, let letter = rest.first, ("a"..."z").contains(letter) { return letter }
        }
        return nil
    }

    /// The key's spelling, which `init(spelling:)` reads.
    package var spelling: String {
        switch self {
        case .character(let character) where character != " ": String(character)
        case .control(let letter): "ctrl-\(letter)"
        case .function(let number): "F\(number)"
        default: Self.words.first { $0.key == self }?.words[0] ?? name
        }
    }
}
