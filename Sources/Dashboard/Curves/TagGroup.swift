/// A group of tags with the same text before their first slash, as TensorBoard groups them; a tag without a slash is a
/// group of its own.
struct TagGroup: Equatable, Sendable {
    let name: String
    let tags: [String]

    /// The groups of some tags, in the order of their first tags.
    static func groups(of tags: [String]) -> [TagGroup] {
        var names: [String] = []
        var members: [String: [String]] = [:]
        for tag in tags {
            let name = String(tag.prefix { $0 != "/" })
            if members[name] == nil { names.append(name) }
            members[name, default: []].append(tag)
        }
        return names.map { TagGroup(name: $0, tags: members[$0] ?? []) }
    }
}
