/// Which prefix to leave out of the names on each side so that as many as possible agree: programs wrap a network in
/// another (`module.` by DataParallel, `_orig_mod.` by compile, `model.` by Lightning) and its names grow.
struct NameMatching {
    /// What was left out, such as `module.`; empty if nothing.
    let prefixes: (first: String, second: String)

    init(_ first: [String], _ second: [String]) {
        var best = (count: -1, first: "", second: "")
        for one in Self.commonPrefixes(first) {
            let names = Set(first.map { $0.dropFirst(one.count) })
            for other in Self.commonPrefixes(second) {
                let count = second.count { names.contains($0.dropFirst(other.count)) }
                if count > best.count { best = (count, one, other) }
            }
        }
        prefixes = (best.first, best.second)
    }

    /// The empty prefix, and each longer one of whole parts (at most four) that all the names share.
    private static func commonPrefixes(_ names: [String]) -> [String] {
        var prefixes = [""]
        guard let sample = names.first else { return prefixes }
        for part in sample.split(separator: ".", omittingEmptySubsequences: false).dropLast().prefix(4) {
            let longer = prefixes[prefixes.count - 1] + part + "."
            guard names.allSatisfy({ $0.hasPrefix(longer) && $0.count > longer.count }) else { break }
            prefixes.append(longer)
        }
        return prefixes
    }
}
