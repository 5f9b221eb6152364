import Runs
import Syntax

/// An error in a line of the command line, in one sentence.
struct CommandError: Error, Equatable {
    let text: String

    init(_ text: String) { self.text = text }
}

/// A parsed line of the command line: the name of an action, or a command with its arguments.
enum ParsedCommand: Equatable {
    case nothing
    case action(KeyAction)
    case command(CommandSpec.Verb, words: [String], rest: String)

    /// - Parameter here: the actions that do something in the view that is shown; of an abbreviation they are meant first.
    init(_ line: String, here: [KeyAction]) throws(CommandError) {
        let text = line.drop { $0 == " " || $0 == ":" }
        guard let first = text.split(separator: " ").first.map(String.init) else {
            self = .nothing
            return
        }
        let rest = text.dropFirst(first.count).trimmed
        let words = Self.words(of: rest)
        if let view = ViewKind(word: first) {
            self = .action(.show(view))
            return
        }
        self = try Self.meaning(of: try Self.name(meant: first, here: here), words, rest: rest)
    }

    private static func meaning(of name: String, _ words: [String], rest: String) throws(CommandError)
        -> ParsedCommand
    {
        let action = KeyAction(named: name)
        if let command = CommandTable.command(named: name), !words.isEmpty || action == nil {
            guard words.isEmpty || !command.arguments.isEmpty else {
                throw CommandError(":\(name) stands alone")
            }
            guard !words.isEmpty || command.arguments.isEmpty || command.arguments.hasPrefix("[") else {
                throw CommandError("\(command.usage): \(command.explanation)")
            }
            return .command(command.verb, words: words, rest: rest)
        }
        guard let action, words.isEmpty else { throw CommandError(":\(name) stands alone") }
        return .action(action)
    }

    /// The names of all commands and actions, those of commands first.
    static let names: [String] = {
        var seen: Set<String> = []
        let all = CommandTable.commands.map(\.name) + KeyTable.bindings.map(\.action.name)
        return all.filter { seen.insert($0).inserted }
    }()

    /// The name that a word stands for: itself, or the only one that begins with it.
    private static func name(meant word: String, here: [KeyAction]) throws(CommandError) -> String {
        let word = word.lowercased()
        if names.contains(word) { return word }
        let begun = names.filter { $0.hasPrefix(word) }
        let known = Set(here.map(\.name) + CommandTable.commands.map(\.name))
        for candidates in [begun.filter(known.contains), begun] {
            if candidates.count == 1 { return candidates[0] }
            if candidates.count > 1 { throw CommandError(":\(word) can mean \(listed(candidates))") }
        }
        let nearest = Spelling.nearest(to: word, among: names)
        throw CommandError("no command :\(word): " + (nearest.map { "did you mean :\($0)?" } ?? ":help lists them"))
    }

    private static func listed(_ names: [String]) -> String {
        let shown = names.prefix(5).map { ":" + $0 }
        let rest = names.count > shown.count ? ", …" : ""
        return shown.count == 2 && rest.isEmpty
            ? shown.joined(separator: " or ") : shown.joined(separator: ", ") + rest
    }

    /// The words of a text, separated by spaces; a word in double quotes may contain spaces.
    static func words(of text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var (isQuoted, isBegun) = (false, false)
        for character in text {
            if character == "\"" {
                isQuoted.toggle()
                isBegun = true
            } else if character == " ", !isQuoted {
                if isBegun { words.append(word) }
                (word, isBegun) = ("", false)
            } else {
                word.append(character)
                isBegun = true
            }
        }
        return isBegun ? words + [word] : words
    }
}

extension ViewKind {
    /// The view with a digit or a name.
    init?(word: String) {
        let word = word.lowercased()
        guard let view = Self.allCases.first(where: { String($0.digit) == word || $0.word == word })
        else { return nil }
        self = view
    }
}

extension StringProtocol {
    /// The text without spaces at its ends.
    var trimmed: String {
        var rest = self[...]
        while rest.first == " " { rest = rest.dropFirst() }
        while rest.last == " " { rest = rest.dropLast() }
        return String(rest)
    }
}
