import Yams

/// A YAML document as a tree in which every value knows where it was written.
///
/// Scalars stay text: what they mean is decided by who asks for them. Aliases and tags have no place in it.
package struct SettingsNode {
    package indirect enum Content {
        case scalar(String)
        case list([SettingsNode])
        case mapping([Entry])
    }

    package struct Entry {
        package let key: String
        package let place: SourceLocation
        package internal(set) var value: SettingsNode
    }

    package let place: SourceLocation
    package internal(set) var content: Content

    /// Values in a document; YAML's aliases can make a small file unfold into a tree that no memory holds.
    private static let mostNodes = 20_000

    /// - Parameter file: what errors call the file.
    package init(yaml: String, file: String) throws(SettingsError) {
        var budget = Self.mostNodes
        let root = try Self.compose(yaml) { .line(file: file, $0) }
        self = try Self(root ?? Node([(Node, Node)]()), budget: &budget) { .line(file: file, $0) }
    }

    /// The value of an option, which may itself be YAML: `[0.1, 0.2]`, `{every_epochs: 2}`.
    init(optionValue text: String, place: SourceLocation) throws(SettingsError) {
        guard let first = text.first, first == "[" || first == "{" else {
            self.init(place: place, content: .scalar(text))
            return
        }
        var budget = Self.mostNodes
        guard let root = try Self.compose(text, placed: { _ in place }) else {
            self.init(place: place, content: .scalar(""))
            return
        }
        self = try Self(root, budget: &budget) { _ in place }
    }

    init(place: SourceLocation, content: Content) {
        self.place = place
        self.content = content
    }

    /// What errors show of a value.
    package var summary: String {
        switch content {
        case .scalar(""): "empty"
        case .scalar(let text): "'\(text.prefix(40))\(text.count > 40 ? "…" : "")'"
        case .list: "a list"
        case .mapping: "a group of keys"
        }
    }

    private init(_ node: Node, budget: inout Int, placed: (Int) -> SourceLocation) throws(SettingsError) {
        let place = placed(node.mark?.line ?? 1)
        budget -= 1
        guard budget > 0 else { throw .notYAML(place: place, problem: "too many values") }
        switch node {
        case .scalar(let scalar):
            let isNull = scalar.style == .plain && ["~", "null", "Null", "NULL"].contains(scalar.string)
            self.init(place: place, content: .scalar(isNull ? "" : scalar.string))
        case .sequence(let sequence):
            var items: [SettingsNode] = []
            for item in sequence {
                items.append(try SettingsNode(item, budget: &budget, placed: placed))
            }
            self.init(place: place, content: .list(items))
        case .mapping(let mapping):
            var entries: [Entry] = []
            for (key, value) in mapping {
                entries.append(try Self.entry(key, value, budget: &budget, placed: placed))
            }
            self.init(place: place, content: .mapping(entries))
        case .alias:
            throw .notYAML(place: place, problem: "aliases (*name) have no place here")
        }
    }

    private static func entry(
        _ key: Node, _ value: Node, budget: inout Int, placed: (Int) -> SourceLocation
    ) throws(SettingsError) -> Entry {
        let place = placed(key.mark?.line ?? 1)
        guard case .scalar(let scalar) = key else {
            throw .notYAML(place: place, problem: "a key must be a word")
        }
        return Entry(
            key: scalar.string, place: place, value: try SettingsNode(value, budget: &budget, placed: placed))
    }

    private static func compose(_ yaml: String, placed: (Int) -> SourceLocation) throws(SettingsError) -> Node? {
        do {
            return try Yams.compose(yaml: yaml, .default, .default, .utf8)
        } catch let error as YamlError {
            throw problem(error, yaml, placed)
        } catch {
            throw .notYAML(place: placed(1), problem: "\(error)")
        }
    }

    private static func problem(_ error: YamlError, _ yaml: String, _ placed: (Int) -> SourceLocation) -> SettingsError
    {
        switch error {
        case .composer(let context, let problem, let mark, _):
            let expected = context.map { $0.text + " " } ?? ""
            return .notYAML(place: placed(mark.line), problem: expected + problem)
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
            let within = context.map { " " + $0.text } ?? ""
            return .notYAML(place: placed(mark.line), problem: problem + within)
        case .duplicatedKeysInMapping(let keys, let context):
            return .repeatedKey(place: placed(context.mark.line), key: keys.first ?? "")
        case .reader(let problem, let offset, _, _):
            let line = yaml.utf8.prefix(offset ?? 0).count { $0 == UInt8(ascii: "\n") } + 1
            return .notYAML(place: placed(line), problem: problem)
        default:
            return .notYAML(place: placed(1), problem: "\(error)".split(separator: "\n").first.map(String.init) ?? "")
        }
    }
}
