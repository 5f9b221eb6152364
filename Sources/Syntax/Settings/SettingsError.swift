/// An error in a settings file or in an option that overrides it. Each message is one line: where, what, and what to do.
package enum SettingsError: Error, Equatable, Sendable, CustomStringConvertible {
    case notYAML(place: SourceLocation, problem: String)
    /// A key that no setting has; `section` is empty at the top of the file.
    case unknownKey(place: SourceLocation, key: String, section: String, nearest: String?, valid: [String])
    case repeatedKey(place: SourceLocation, key: String)
    case missingKey(file: String, key: String, example: String)
    case badValue(place: SourceLocation, key: String, found: String, expected: String)
    /// An error that another module found in the value's text: in a layer, an optimizer, a schedule.
    case invalid(place: SourceLocation, problem: String)
    /// `--set` without `=`, or a path through something that has no parts.
    case badOverride(place: SourceLocation, problem: String)

    package var description: String {
        switch self {
        case .notYAML(let place, let problem): "\(place): not valid YAML: \(problem)"
        case .unknownKey(let place, let key, let section, let nearest, let valid):
            "\(place): unknown key '\(key)'\(section.isEmpty ? "" : " in \(section)"): "
                + (nearest.map { "did you mean '\($0)'?" } ?? "expected \(Self.list(valid))")
        case .repeatedKey(let place, let key): "\(place): key '\(key)' stands twice: remove one"
        case .missingKey(let file, let key, let example): "\(file): key '\(key)' is missing: add it, as in \(example)"
        case .badValue(let place, let key, let found, let expected):
            "\(place): \(key) is \(found): expected \(expected)"
        case .invalid(let place, let problem), .badOverride(let place, let problem): "\(place): \(problem)"
        }
    }

    private static func list(_ words: [String]) -> String {
        words.count > 1 ? words.dropLast().joined(separator: ", ") + " or " + words[words.count - 1] : words.joined()
    }
}
