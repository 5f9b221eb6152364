/// A reader of one group of keys: every key must be one of those that are known, and every value of its type and range.
package struct SettingsSection {
    /// The dotted key, empty at the top of the file.
    private let name: String
    private let entries: [SettingsNode.Entry]

    /// - Parameters:
    ///   - name: the dotted key of the section, empty at the top of the file.
    ///   - title: what errors call the section, if not by its name.
    ///   - keys: those that this section has.
    ///   - elsewhere: dotted keys of other sections, to suggest to someone who forgot the section.
    ///   - advice: what to say of keys that belong somewhere else altogether.
    package init(
        _ node: SettingsNode, name: String, title: String? = nil, keys: [String], elsewhere: [String] = [],
        advice: [String: String] = [:]
    ) throws(SettingsError) {
        guard case .mapping(let entries) = node.content else {
            throw .badValue(
                place: node.place, key: title ?? name, found: node.summary,
                expected: "keys with values: \(keys.joined(separator: ", "))")
        }
        for entry in entries where !keys.contains(entry.key) {
            if let home = advice[entry.key] {
                throw .invalid(place: entry.place, problem: "unknown key '\(entry.key)': \(home)")
            }
            let near = Spelling.nearest(to: entry.key, among: keys)
            let far = elsewhere.first { $0.split(separator: ".").last.map(String.init) == entry.key }
            throw .unknownKey(
                place: entry.place, key: entry.key, section: name, nearest: far ?? near, valid: keys)
        }
        self.name = name
        self.entries = entries
    }

    package func node(_ key: String) -> SettingsNode? {
        entries.first { $0.key == key }?.value
    }

    package func text(_ key: String) throws(SettingsError) -> SourceText? {
        guard let node = node(key) else { return nil }
        guard case .scalar(let text) = node.content, !text.isEmpty else {
            throw bad(key, node, "a text")
        }
        return SourceText(text, at: node.place)
    }

    package func integer(_ key: String, in range: ClosedRange<Int>, or standard: Int) throws(SettingsError) -> Int {
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
    package func number(_ key: String, _ expected: String, _ isValid: (Double) -> Bool) throws(SettingsError) -> Double?
    {
        guard let node = node(key) else { return nil }
        guard case .scalar(let text) = node.content else { throw bad(key, node, expected) }
        if text.lowercased() == "none" { return nil }
        guard let value = Double(text), value.isFinite, isValid(value) else { throw bad(key, node, expected) }
        return value
    }

    package func flag(_ key: String, or standard: Bool) throws(SettingsError) -> Bool {
        guard let node = node(key) else { return standard }
        guard case .scalar(let text) = node.content else { throw bad(key, node, "true or false") }
        switch text.lowercased() {
        case "true", "yes": return true
        case "false", "no": return false
        default: throw bad(key, node, "true or false")
        }
    }

    /// A list of numbers, or one number alone.
    package func numbers(_ key: String) throws(SettingsError) -> [Float] {
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

    package func bad(_ key: String, _ node: SettingsNode, _ expected: String) -> SettingsError {
        .badValue(
            place: node.place, key: name.isEmpty ? key : "\(name).\(key)", found: node.summary, expected: expected)
    }
}
