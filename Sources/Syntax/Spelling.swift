/// A search for the name that was meant by one that does not exist.
package enum Spelling {
    private static let longestWord = 64

    /// The candidate with the smallest edit distance to `word`, if it is near enough to be what was meant: at most one
    /// edit for each three letters of the longer word, and no more than three; or one is the beginning of the other. Upper
    /// and lower case are the same, and so are `-` and `_`.
    package static func nearest(to word: String, among candidates: [String]) -> String? {
        guard word.count <= longestWord else { return nil }
        let letters = normalized(word)
        let distances = candidates.map { (name: $0, distance: distance(letters, normalized($0))) }
        guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
        let begun = candidates.first { oneBeginsTheOther(letters, normalized($0)) }
        return best.distance <= min(3, max(1, max(word.count, best.name.count) / 3)) ? best.name : begun
    }

    private static func oneBeginsTheOther(_ a: [Character], _ b: [Character]) -> Bool {
        min(a.count, b.count) >= 3 && (a.starts(with: b) || b.starts(with: a))
    }

    private static func normalized(_ word: String) -> [Character] {
        word.lowercased().map { $0 == "-" ? "_" : $0 }
    }

    /// Edits (insert, delete, replace, swap two neighbours) that make one word of the other; O(n·m).
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var before: [Int] = []
        var row = Array(0...b.count)
        for (i, letter) in a.enumerated() {
            var next = [i + 1]
            for (j, other) in b.enumerated() {
                var cost = min(row[j] + (letter == other ? 0 : 1), row[j + 1] + 1, next[j] + 1)
                if i > 0, j > 0, letter == b[j - 1], a[i - 1] == other {
                    cost = min(cost, before[j - 1] + 1)
                }
                next.append(cost)
            }
            (before, row) = (row, next)
        }
        return row[b.count]
    }
}
