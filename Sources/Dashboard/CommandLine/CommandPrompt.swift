import Canvas

/// The command line at the bottom of the window: `:` opens it, Tab completes, ↑ and ↓ go through the history, Enter
/// executes, Esc closes.
struct CommandPrompt: Equatable, Sendable {
    private var input: TextInput
    /// The index of the history line that is shown, counted from the newest; nil while an own one is typed.
    private var recalled: Int?
    private var ownText = ""
    private var completion: Completion?

    init(_ text: String = "") { input = TextInput(text) }

    var text: String { input.text }

    mutating func update(_ key: Key, _ history: CommandHistory, _ context: @autoclosure () -> CompletionContext)
        -> Layer.Outcome
    {
        if key != .tab, key != .backTab { completion = nil }
        switch key {
        case .escape, .control("c"): return .closed
        case .backspace where input.text.isEmpty: return .closed
        case .enter: return .entered(input.text)
        case .up, .control("p"): recall(1, history)
        case .down, .control("n"): recall(-1, history)
        case .tab: complete(1, context())
        case .backTab: complete(-1, context())
        default:
            recalled = nil
            input.update(key)
        }
        return .stayOpen
    }

    // MARK: - History

    /// Shows an older or newer line of the history that begins like the typed one.
    private mutating func recall(_ distance: Int, _ history: CommandHistory) {
        if recalled == nil { ownText = input.text }
        let matching = history.lines(beginningWith: ownText)
        let place = (recalled ?? -1) + distance
        guard place < matching.count else { return }
        recalled = place < 0 ? nil : place
        input = TextInput(place < 0 ? ownText : matching[place])
    }

    // MARK: - Completion

    /// The candidates for the word at the cursor; `index` is the one that was inserted.
    private struct Completion: Equatable {
        let words: [String]
        var index: Int?
    }

    private mutating func complete(_ distance: Int, _ context: CompletionContext) {
        if let words = completion?.words, !words.isEmpty {
            let first = distance > 0 ? 0 : words.count - 1
            let next = completion?.index.map { ($0 + distance + words.count) % words.count } ?? first
            let shown = completion?.index.map { Self.quoted(words[$0]) } ?? wordAtCursor
            input.replace(last: shown.count, with: Self.quoted(words[next]))
            completion?.index = next
            return
        }
        let words = candidates(context)
        if words.count == 1 {
            input.replace(last: wordAtCursor.count, with: Self.quoted(words[0]) + " ")
            return
        }
        completion = Completion(words: words)
        let common = Self.commonBeginning(words)
        if common.count > wordAtCursor.count, !common.contains(" ") {
            input.replace(last: wordAtCursor.count, with: common)
        }
    }

    private var wordAtCursor: String { String(input.beforeCursor.reversed().prefix { $0 != " " }.reversed()) }

    private func candidates(_ context: CompletionContext) -> [String] {
        let before = ParsedCommand.words(of: input.beforeCursor.dropLast(wordAtCursor.count).trimmed)
        let all: [String]
        if let first = before.first {
            all = CommandTable.command(named: first.lowercased()).map { context.words(behind: $0.verb) } ?? []
        } else {
            all = context.commands
        }
        let word = wordAtCursor.lowercased().filter { $0 != "\"" }
        let begun = all.filter { $0.lowercased().hasPrefix(word) }
        return begun.isEmpty ? all.filter { $0.lowercased().contains(word) } : begun
    }

    private static func quoted(_ word: String) -> String { word.contains(" ") ? "\"\(word)\"" : word }

    private static func commonBeginning(_ words: [String]) -> String {
        guard let first = words.first else { return "" }
        return words.dropFirst().reduce(first) { common, word in
            String(zip(common, word).prefix { $0 == $1 }.map(\.0))
        }
    }

    // MARK: - The picture

    func draw(into frame: inout Frame, hint: Rect, line: Rect) {
        frame.fill(hint, with: " ")
        frame.fill(line, with: " ")
        input.draw(prompt: ":", into: &frame, row: 0, in: line, Style(.accent, .bold))
        if let completion {
            draw(completion, into: &frame, in: hint)
        } else {
            frame.write(usage.fitted(to: hint.columns), in: hint, .dim)
        }
    }

    /// The usage of the command that is being typed.
    private var usage: String {
        let first = input.text.split(separator: " ").first.map { $0.lowercased() } ?? ""
        if let command = CommandTable.command(named: first) { return "\(command.usage)   \(command.explanation)" }
        if let binding = KeyTable.bindings.first(where: { $0.action.name == first }) {
            return "\(binding.explanation)   (\(binding.keyNames))"
        }
        return input.text.isEmpty ? "a command: Tab shows them, ↑ what was typed before, Esc leaves" : "Tab completes"
    }

    private func draw(_ completion: Completion, into frame: inout Frame, in rect: Rect) {
        guard !completion.words.isEmpty else {
            frame.write("nothing begins so", in: rect, .warning)
            return
        }
        var first = 0
        let widths = completion.words.map { $0.columns + 2 }
        if let index = completion.index {
            while first < index, widths[first...index].reduce(0, +) > rect.columns - 2 { first += 1 }
        }
        var column = 0
        for place in first..<completion.words.count {
            guard column + widths[place] <= rect.columns - 1 else {
                frame.write("…", row: 0, column: column, in: rect, .dim)
                break
            }
            let style: Style = place == completion.index ? .selection : .text
            column = frame.write(completion.words[place], row: 0, column: column, in: rect, style) + 2
        }
    }
}
