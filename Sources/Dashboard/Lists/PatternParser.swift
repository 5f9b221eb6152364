/// A parser of regular expressions; recursion is bounded by the depth of nested parentheses, which is limited.
struct PatternParser {
    private typealias Node = LinearPattern.Node
    private typealias CharacterSet = LinearPattern.CharacterSet

    private static let deepest = 20
    private static let mostRepeats = 100
    private let text: [Character]
    private var place = 0
    private var depth = 0

    /// Case is ignored, so the text is lowercased; letters after a backslash keep theirs.
    init(_ text: String) {
        var characters: [Character] = []
        var isEscaped = false
        for character in text {
            characters += isEscaped ? [character] : Array(character.lowercased())
            isEscaped = character == "\\" && !isEscaped
        }
        self.text = characters
    }

    private var next: Character? { place < text.count ? text[place] : nil }

    private mutating func consume(_ character: Character) -> Bool {
        guard next == character else { return false }
        place += 1
        return true
    }

    mutating func parse() -> LinearPattern.Node? {
        guard let node = either(), place == text.count else { return nil }
        return node
    }

    private mutating func either() -> Node? {
        guard let first = sequence() else { return nil }
        var nodes = [first]
        while consume("|") {
            guard let other = sequence() else { return nil }
            nodes.append(other)
        }
        return nodes.count == 1 ? nodes[0] : .either(nodes)
    }

    private mutating func sequence() -> Node? {
        var nodes: [Node] = []
        while let character = next, character != "|", character != ")" {
            guard let atom = atom(), let node = repeats(of: atom) else { return nil }
            nodes.append(node)
        }
        return nodes.isEmpty ? .empty : .sequence(nodes)
    }

    private mutating func atom() -> Node? {
        guard let character = next else { return nil }
        place += 1
        switch character {
        case "^": return .start
        case "$": return .end
        case ".": return .one(CharacterSet(.any))
        case "(": return group()
        case "[": return set().map(Node.one)
        case "\\": return escaped()
        case "*", "+", "?": return nil
        default: return .one(CharacterSet(.range(character...character)))
        }
    }

    private mutating func group() -> Node? {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { return nil }
        if consume("?"), !consume(":") { return nil }
        guard let node = either(), consume(")") else { return nil }
        return node
    }

    private mutating func escaped() -> Node? {
        guard let character = next else { return nil }
        if character == "b" {
            place += 1
            return .wordEdge
        }
        return escapedMember().map { .one(CharacterSet($0.member, isWanted: $0.isWanted)) }
    }

    /// The meaning of a character after a backslash, in a set or outside of one.
    private mutating func escapedMember() -> (member: CharacterSet.Member, isWanted: Bool)? {
        guard let character = next else { return nil }
        place += 1
        switch character {
        case "d", "D": return (.digit, character == "d")
        case "w", "W": return (.word, character == "w")
        case "s", "S": return (.space, character == "s")
        case "t": return (.range("\t"..."\t"), true)
        default:
            guard !character.isLetter, !character.isNumber else { return nil }
            return (.range(character...character), true)
        }
    }

    private mutating func set() -> CharacterSet? {
        var set = CharacterSet()
        set.isInverted = consume("^")
        if consume("]") { set.members.append((.range("]"..."]"), true)) }
        while let character = next, character != "]" {
            place += 1
            if character == "\\" {
                guard let member = escapedMember() else { return nil }
                set.members.append(member)
            } else {
                guard let range = range(from: character) else { return nil }
                set.members.append((.range(range), true))
            }
        }
        return consume("]") ? set : nil
    }

    private mutating func range(from low: Character) -> ClosedRange<Character>? {
        guard next == "-", place + 1 < text.count, text[place + 1] != "]" else { return low...low }
        let high = text[place + 1]
        place += 2
        return low <= high ? low...high : nil
    }

    private mutating func repeats(of atom: Node) -> Node? {
        var node = atom
        while let character = next {
            switch character {
            case "*": node = .repeated(node, least: 0, most: nil)
            case "+": node = .repeated(node, least: 1, most: nil)
            case "?": node = .repeated(node, least: 0, most: 1)
            case "{":
                place += 1
                guard let (least, most) = bounds() else { return nil }
                node = .repeated(node, least: least, most: most)
                continue
            default: return node
            }
            place += 1
        }
        return node
    }

    /// `3}`, `3,}`, `3,5}`, `,5}`.
    private mutating func bounds() -> (Int, Int?)? {
        let least = number()
        guard consume(",") else {
            guard let least, consume("}") else { return nil }
            return (least, least)
        }
        let most = number()
        guard consume("}"), least != nil || most != nil, least ?? 0 <= most ?? Self.mostRepeats else { return nil }
        return (least ?? 0, most)
    }

    private mutating func number() -> Int? {
        var digits = ""
        while let character = next, character.isASCII, character.isNumber, digits.count < 4 {
            digits.append(character)
            place += 1
        }
        return Int(digits).flatMap { $0 <= Self.mostRepeats ? $0 : nil }
    }
}
