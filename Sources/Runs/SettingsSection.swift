/// A group of keys being read: every key must be one of those that are known, and every value of its type and range.
package struct SettingsSection {
    /// Dotted, empty at the top of the file.
    package let name: String
    package let place: Place
    private let entries: [SettingsNode.Entry]

    /// What people look for at the top, and where it is.
    private static let optimizerArguments = [
        "lr": "the learning rate stands in the optimizer, as in 'optimizer=SGD(lr=0.1)'",
        "learning_rate": "the learning rate stands in the optimizer, as in 'optimizer=SGD(lr=0.1)'",
        "momentum": "it stands in the optimizer, as in 'optimizer=SGD(lr=0.1, momentum=0.9)'",
        "weight_decay": "it stands in the optimizer, as in 'optimizer=SGD(lr=0.1, weight_decay=5e-4)'",
    ]

    /// - Parameters:
    ///   - keys: those that this section has.
    ///   - elsewhere: dotted keys of other sections, to suggest to someone who forgot the section.
    package init(_ node: SettingsNode, name: String, keys: [String], elsewhere: [String] = []) throws(RunsError) {
        guard case .mapping(let entries) = node.content else {
            throw .badValue(
                place: node.place, key: name.isEmpty ? "the experiment" : name, found: node.summary,
                expected: "keys with values: \(keys.joined(separator: ", "))")
        }
        for entry in entries where !keys.contains(entry.key) {
            if name.isEmpty, let home = Self.optimizerArguments[entry.key] {
                throw .invalid(place: entry.place, problem: "unknown key '\(entry.key)': \(home)")
            }
            let near = Spelling.nearest(to: entry.key, among: keys)
            let far = elsewhere.first { $0.split(separator: ".").last.map(String.init) == entry.key }
            throw .unknownKey(
                place: entry.place, key: entry.key, section: name, nearest: far ?? near, valid: keys)
        }
        self.name = name
        self.place = node.place
        self.entries = entries
    }

    package func node(_ key: String) -> SettingsNode? {
        entries.first { $0.key == key }?.value
    }

    package func text(_ key: String) throws(RunsError) -> SourceText? {
        guard let node = node(key) else { return nil }
        guard case .scalar(let text) = node.content, !text.isEmpty else {
            throw bad(key, node, "a text")
        }
        return SourceText(text, at: node.place)
    }

    package func integer(_ key: String, in range: ClosedRange<Int>, or standard: Int) throws(RunsError) -> Int {
        guard let node = node(key) else { return standard }
        guard case .scalar(let text) = node.content, let value = Int(text), range.contains(value) else {
            throw bad(
                key, node,
                range.upperBound == .max
                    ? "a whole number of \(range.lowerBound) or more"
                    : "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// A finite number that `isValid` lets pass; `nil` if there is none or it is `none`.
    package func number(_ key: String, _ expected: String, _ isValid: (Double) -> Bool) throws(RunsError) -> Double? {
        guard let node = node(key) else { return nil }
        guard case .scalar(let text) = node.content else { throw bad(key, node, expected) }
        if text.lowercased() == "none" { return nil }
        guard let value = Double(text), value.isFinite, isValid(value) else { throw bad(key, node, expected) }
        return value
    }

    package func flag(_ key: String, or standard: Bool) throws(RunsError) -> Bool {
        guard let node = node(key) else { return standard }
        guard case .scalar(let text) = node.content else { throw bad(key, node, "true or false") }
        switch text.lowercased() {
        case "true", "yes": return true
        case "false", "no": return false
        default: throw bad(key, node, "true or false")
        }
    }

    /// A list of numbers, or one number alone.
    package func numbers(_ key: String) throws(RunsError) -> [Float] {
        guard let node = node(key) else { return [] }
        let items: [SettingsNode] = if case .list(let items) = node.content { items } else { [node] }
        var values: [Float] = []
        for item in items {
            guard case .scalar(let text) = item.content, let value = Float(text), value.isFinite else {
                throw bad(key, item, "a number or a list of numbers, as in [0.286]")
            }
            values.append(value)
        }
        return values
    }

    package func bad(_ key: String, _ node: SettingsNode, _ expected: String) -> RunsError {
        .badValue(
            place: node.place, key: name.isEmpty ? key : "\(name).\(key)", found: node.summary, expected: expected)
    }
}
