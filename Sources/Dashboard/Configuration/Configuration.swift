import Canvas
import Syntax

/// The user's configuration file. Entries that make no sense are reported with their line and skipped: a mistake in it
/// never keeps the dashboard from opening.
package struct Configuration: Sendable {
    package static let keys = ["theme", "smoothing", "mouse", "keys"]
    /// The largest size that is read, in bytes.
    package static let mostBytes = 65_536

    /// The theme's name, and its place in the file.
    package private(set) var theme: (name: String, place: SourceLocation)?
    package private(set) var smoothing: Double?
    package private(set) var mouse: Bool?
    package private(set) var keymap = Keymap.standard
    /// Error messages, one line each: where, what, and what to do.
    package private(set) var problems: [String] = []

    package init() {}

    /// The configuration of a file that could not be read.
    package init(problem: String) { problems = [problem] }

    /// - Parameter file: what problems call the file.
    package init(yaml: String, file: String) {
        let root: SettingsNode
        do {
            root = try SettingsNode(yaml: yaml, file: file)
        } catch {
            problems = ["\(error)"]
            return
        }
        switch root.content {
        case .scalar(""): break
        case .mapping(let entries): for entry in entries { read(entry) }
        default: problems = ["\(root.place): expected lines such as theme: dark, not \(root.summary)"]
        }
    }

    /// The defaults for the screen, used where nothing was changed on it.
    package var defaults: ScreenMemory.Defaults {
        ScreenMemory.Defaults(theme: theme?.name, smoothing: smoothing, mouse: mouse)
    }

    private mutating func read(_ entry: SettingsNode.Entry) {
        switch entry.key {
        case "theme": readTheme(entry)
        case "smoothing": readSmoothing(entry)
        case "mouse": readMouse(entry)
        case "keys": readKeys(entry)
        default: complain(unknown: entry, section: "", among: Self.keys)
        }
    }

    private mutating func readTheme(_ entry: SettingsNode.Entry) {
        guard case .scalar(let name) = entry.value.content, !name.isEmpty else {
            return complain(about: entry, expected: "a theme's name, such as dark")
        }
        theme = (name, entry.value.place)
    }

    private mutating func readSmoothing(_ entry: SettingsNode.Entry) {
        guard case .scalar(let text) = entry.value.content, let weight = Double(text),
            ChartSettings.smoothings.contains(weight)
        else {
            return complain(about: entry, expected: "a weight from 0, not smoothed, to 0.99")
        }
        smoothing = weight
    }

    private mutating func readMouse(_ entry: SettingsNode.Entry) {
        guard case .scalar(let text) = entry.value.content else { return complain(about: entry, expected: "on or off") }
        switch text.lowercased() {
        case "on", "true", "yes": mouse = true
        case "off", "false", "no": mouse = false
        default: complain(about: entry, expected: "on or off")
        }
    }

    private mutating func complain(about entry: SettingsNode.Entry, expected: String) {
        problems.append(
            SettingsError.badValue(
                place: entry.value.place, key: entry.key, found: entry.value.summary, expected: expected
            ).description)
    }

    private mutating func complain(unknown entry: SettingsNode.Entry, section: String, among known: [String]) {
        let nearest = Spelling.nearest(to: entry.key, among: known)
        problems.append(
            SettingsError.unknownKey(
                place: entry.place, key: entry.key, section: section, nearest: nearest, valid: Array(known.prefix(6))
            ).description)
    }
}

// MARK: - Keys

extension Configuration {
    /// An assignment of keys to an action, with its place in the file.
    private struct KeyAssignment {
        let action: KeyAction
        let keys: [Key]
        let place: SourceLocation
    }

    private mutating func readKeys(_ entry: SettingsNode.Entry) {
        guard case .mapping(let entries) = entry.value.content else {
            if case .scalar("") = entry.value.content { return }
            return complain(about: entry, expected: "lines such as checkpoint: c")
        }
        let assignments = entries.compactMap { readKey($0) }
        let conflicts = keymap.rebind(assignments.map { ($0.action, $0.keys) })
        for conflict in conflicts { complain(about: conflict, assignments) }
    }

    private mutating func readKey(_ entry: SettingsNode.Entry) -> KeyAssignment? {
        guard let action = KeyAction(named: entry.key) else {
            complain(unknown: entry, section: "keys", among: Self.actionNames)
            return nil
        }
        let words: [SettingsNode]
        switch entry.value.content {
        case .scalar(""): words = []
        case .scalar: words = [entry.value]
        case .list(let items): words = items
        case .mapping:
            complain(about: entry, expected: "a key, or a list of keys")
            return nil
        }
        return KeyAssignment(action: action, keys: words.compactMap { key($0, for: entry.key) }, place: entry.place)
    }

    package static let actionNames: [String] = {
        var seen: Set<String> = []
        return KeyTable.bindings.map(\.action.name).filter { seen.insert($0).inserted }
    }()

    private mutating func key(_ node: SettingsNode, for name: String) -> Key? {
        if case .scalar(let text) = node.content {
            if let key = Key(spelling: text) { return key }
            let nearest = Spelling.nearest(to: text, among: Key.spellings)
            let advice = nearest.map { "did you mean '\($0)'?" } ?? "expected a character, ctrl-x, F2, space, pgup, …"
            problems.append("\(node.place): \(name): '\(text.prefix(40))' is no key: \(advice)")
        } else {
            problems.append("\(node.place): \(name) is \(node.summary): expected a key, or a list of keys")
        }
        return nil
    }

    private mutating func complain(about conflict: Keymap.Conflict, _ assignments: [KeyAssignment]) {
        let views =
            conflict.views.count == ViewKind.allCases.count
            ? "" : " in \(conflict.views.map(\.title).joined(separator: ", "))"
        let (key, winner, loser) = (conflict.key.spelling, conflict.winner.name, conflict.loser.name)
        if let place = assignments.first(where: { $0.action == conflict.loser })?.place {
            problems.append("\(place): '\(key)' is \(winner)\(views) already: \(loser) goes without it there")
        } else if let place = assignments.first(where: { $0.action == conflict.winner })?.place {
            problems.append("\(place): '\(key)' was \(loser)\(views): give that another key, or none ([])")
        }
    }
}

// MARK: - What is chosen of it

extension Configuration {
    /// Drops a theme that can't be loaded, and reports why.
    package mutating func dropTheme(because problem: String) {
        if let theme { problems.insert("\(theme.place): \(problem)", at: 0) }
        theme = nil
    }
}
