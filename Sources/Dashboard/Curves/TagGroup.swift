/// Tags that share what stands before their first slash, as TensorBoard groups them; a tag without a slash is a group of
/// its own name.
struct TagGroup: Equatable, Sendable {
    let name: String
    let tags: [String]

    /// Groups and the tags in them in the order in which they came.
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
