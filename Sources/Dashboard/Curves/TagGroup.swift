import Runs

/// A group of tags with the same text before their first slash, as TensorBoard groups them; a tag without a slash is a
/// group of its own.
struct TagGroup: Equatable, Sendable {
    let name: String
    let tags: [String]

    /// The groups of some tags, in the order of their first tags; the machine's last, for training is what one came to see.
    static func groups(of tags: [String]) -> [TagGroup] {
        var names: [String] = []
        var members: [String: [String]] = [:]
        for tag in tags {
            let name = String(tag.prefix { $0 != "/" })
            if members[name] == nil { names.append(name) }
            members[name, default: []].append(tag)
        }
        let machine = String(Tag.System.group.prefix { $0 != "/" })
        let ordered = names.filter { $0 != machine } + names.filter { $0 == machine }
        return ordered.map { TagGroup(name: $0, tags: members[$0] ?? []) }
    }
}
