import Syntax

/// A command that a person or a script gives to an engine.
package struct Command: Equatable, Sendable {
    package enum Action: Hashable, Sendable {
        case pause, resume, checkpoint, evaluate
        case set(Setting)
        /// Write a checkpoint, then end.
        case stop
        /// End now.
        case kill
    }

    /// Names the command in the engine's answer; unique within a run.
    package let id: String
    /// Seconds since 1970 at which it was asked.
    package let time: Double
    package let action: Action

    package init(id: String = Command.newID(), time: Double, action: Action) {
        self.id = id
        self.time = time
        self.action = action
    }

    /// 64 random bits as text.
    package static func newID() -> String {
        String(UInt64.random(in: .min ... .max), radix: 36)
    }
}

extension Command.Action: CustomStringConvertible {
    private static let plain: [(word: String, action: Self)] = [
        ("pause", .pause), ("resume", .resume), ("checkpoint", .checkpoint), ("evaluate", .evaluate), ("stop", .stop),
        ("kill", .kill),
    ]

    /// Every command's first word.
    package static let words = plain.map(\.word) + ["set"]

    /// The word that names it in the command file.
    package var word: String {
        if case .set = self { return "set" }
        return Self.plain.first { $0.action == self }?.word ?? ""
    }

    /// As on the command line: `set lr=*0.5`.
    package var description: String {
        guard case .set(let setting) = self else { return word }
        return "set \(setting.key)=\(setting.value)"
    }

    /// Reads a command as it is typed after `normscope control RUN`: `pause`, `set lr=0.01`.
    package init(parsing text: String) throws(RunsError) {
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let first = words.first else {
            throw .badCommand(text: text, problem: "expected one of \(Self.words.joined(separator: ", "))")
        }
        guard first == "set" else {
            try self.init(word: first, rest: Array(words.dropFirst()), text: text)
            return
        }
        let parts = words.dropFirst().joined().split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw .badCommand(text: text, problem: "expected KEY=VALUE, as in set lr=0.01")
        }
        self = .set(try Setting(key: String(parts[0]), value: String(parts[1])))
    }

    private init(word: String, rest: [String], text: String) throws(RunsError) {
        guard let known = Self.plain.first(where: { $0.word == word }) else {
            let nearest = word.contains("=") ? "set \(word)" : Spelling.nearest(to: word, among: Self.words)
            throw .badCommand(
                text: text,
                problem: nearest.map { "did you mean '\($0)'?" }
                    ?? "expected one of \(Self.words.joined(separator: ", "))")
        }
        guard rest.isEmpty else {
            throw .badCommand(text: text, problem: "'\(word)' stands alone")
        }
        self = known.action
    }
}
