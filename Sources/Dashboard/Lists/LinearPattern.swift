/// A regular expression that is matched in time proportional to the text: all ways to match are followed simultaneously
/// (Thompson 1968; Russ Cox, "Regular Expression Matching Can Be Simple And Fast", 2007).
///
/// It knows `.`, `[…]`, `[^…]`, `\d \w \s \D \W \S \b`, `^ $`, `( )`, `(?: )`, `|`, `* + ?` and `{n,m}`, and takes upper
/// and lower case for the same. Not known, since they can't be had at this price: back references and looking around.
/// O(text × program); a program has at most `longestProgram` instructions.
struct LinearPattern: Sendable {
    indirect enum Node: Equatable {
        case empty
        case one(CharacterSet)
        case start, end, wordEdge
        case sequence([Node])
        case either([Node])
        case repeated(Node, least: Int, most: Int?)
    }

    enum Instruction: Equatable {
        case one(CharacterSet)
        case jump(Int)
        case split(Int, Int)
        case start, end, wordEdge
        case match
    }

    static let longestProgram = 500
    private static let mostWork = 20_000
    private var program: [Instruction] = []
    /// The number of nodes compiled so far; nested repetitions of nothing make many of them without an instruction.
    private var work = 0

    /// Nil if the text is no valid expression, or a too large one.
    init?(_ text: String) {
        var parser = PatternParser(text)
        guard let node = parser.parse() else { return nil }
        guard emit(node) else { return nil }
        program.append(.match)
    }

    /// Whether the expression is found anywhere in the text.
    func isFound(in text: String) -> Bool {
        let characters = Array(text.lowercased())
        var now = Threads(count: program.count)
        var next = Threads(count: program.count)
        for place in 0...characters.count {
            // Finding anywhere is matching from every place.
            if add(0, to: &now, characters, place) { return true }
            guard place < characters.count else { break }
            for index in now.list {
                guard case .one(let set) = program[index], set.contains(characters[place]) else { continue }
                if add(index + 1, to: &next, characters, place + 1) { return true }
            }
            swap(&now, &next)
            next.clear()
        }
        return false
    }

    /// Adds an instruction and all that follow it without consuming a character; returns whether one of them ends a
    /// match.
    private func add(_ index: Int, to threads: inout Threads, _ text: [Character], _ place: Int) -> Bool {
        var waiting = [index]
        while let index = waiting.popLast() {
            guard threads.insert(index) else { continue }
            switch program[index] {
            case .match: return true
            case .one: break
            case .jump(let target): waiting.append(target)
            case .split(let first, let second): waiting += [first, second]
            case .start: if place == 0 { waiting.append(index + 1) }
            case .end: if place == text.count { waiting.append(index + 1) }
            case .wordEdge: if Self.isWordEdge(text, place) { waiting.append(index + 1) }
            }
        }
        return false
    }

    private static func isWordEdge(_ text: [Character], _ place: Int) -> Bool {
        let before = place > 0 && CharacterSet.word.contains(text[place - 1])
        let after = place < text.count && CharacterSet.word.contains(text[place])
        return before != after
    }

    /// The instructions that are waiting for a character, each at most once.
    private struct Threads {
        private(set) var list: [Int] = []
        private var isThere: [Bool]

        init(count: Int) { isThere = Array(repeating: false, count: count) }

        mutating func insert(_ index: Int) -> Bool {
            guard !isThere[index] else { return false }
            isThere[index] = true
            list.append(index)
            return true
        }

        mutating func clear() {
            for index in list { isThere[index] = false }
            list.removeAll(keepingCapacity: true)
        }
    }
}

// MARK: - From the expression to instructions

extension LinearPattern {
    private mutating func emit(_ node: Node) -> Bool {
        work += 1
        guard program.count < Self.longestProgram, work < Self.mostWork else { return false }
        switch node {
        case .empty: return true
        case .one(let set): program.append(.one(set))
        case .start: program.append(.start)
        case .end: program.append(.end)
        case .wordEdge: program.append(.wordEdge)
        case .sequence(let nodes): return nodes.allSatisfy { emit($0) }
        case .either(let nodes): return emitEither(nodes[...])
        case .repeated(let node, let least, let most): return emit(node, least: least, most: most)
        }
        return true
    }

    private mutating func emitEither(_ nodes: ArraySlice<Node>) -> Bool {
        guard let first = nodes.first else { return true }
        guard nodes.count > 1 else { return emit(first) }
        let split = program.count
        program.append(.split(split + 1, 0))
        guard emit(first) else { return false }
        let jump = program.count
        program.append(.jump(0))
        program[split] = .split(split + 1, program.count)
        guard emitEither(nodes.dropFirst()) else { return false }
        program[jump] = .jump(program.count)
        return true
    }

    private mutating func emit(_ node: Node, least: Int, most: Int?) -> Bool {
        for _ in 0..<least where !emit(node) { return false }
        guard let most else {
            let split = program.count
            program.append(.split(split + 1, 0))
            guard emit(node) else { return false }
            program.append(.jump(split))
            program[split] = .split(split + 1, program.count)
            return true
        }
        var splits: [Int] = []
        for _ in least..<most {
            splits.append(program.count)
            program.append(.split(program.count + 1, 0))
            guard emit(node) else { return false }
        }
        for split in splits { program[split] = .split(split + 1, program.count) }
        return true
    }
}

extension LinearPattern {
    /// The set of characters that match at one position.
    struct CharacterSet: Equatable, Sendable {
        enum Member: Equatable, Sendable {
            case range(ClosedRange<Character>)
            case digit, word, space
            case any
        }

        var members: [(member: Member, isWanted: Bool)] = []
        var isInverted = false

        static let word = CharacterSet(.word)

        init(_ member: Member? = nil, isWanted: Bool = true) {
            if let member { members = [(member, isWanted)] }
        }

        func contains(_ character: Character) -> Bool {
            members.contains { Self.holds($0.member, character) == $0.isWanted } != isInverted
        }

        private static func holds(_ member: Member, _ character: Character) -> Bool {
            switch member {
            case .range(let range): range.contains(character)
            case .digit: character.isASCII && character.isNumber
            case .word: character.isLetter || character.isNumber || character == "_"
            case .space: character.isWhitespace
            case .any: true
            }
        }

        static func == (one: Self, other: Self) -> Bool {
            one.isInverted == other.isInverted && one.members.count == other.members.count
                && zip(one.members, other.members).allSatisfy { $0.0 == $1.0 && $0.1 == $1.1 }
        }
    }
}
