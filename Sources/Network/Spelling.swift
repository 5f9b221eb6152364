/// Finds the name somebody meant.
enum Spelling {
    /// The candidate with the fewest edits from `name` (upper and lower case count as one), or nil if none is near: more
    /// than half its letters would have to change.
    static func nearest(to name: String, among candidates: [String]) -> String? {
        let word = Array(name.lowercased())
        let scored = candidates.map { (name: $0, edits: edits(word, Array($0.lowercased()))) }
        guard let best = scored.min(by: { $0.edits < $1.edits }) else { return nil }
        return best.edits <= max(2, best.name.count / 2) ? best.name : nil
    }

    /// Levenshtein's distance: insertions, deletions and replacements.
    static func edits(_ a: [Character], _ b: [Character]) -> Int {
        var row = Array(0...b.count)
        for (i, letter) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in b.enumerated() {
                let replaced = diagonal + (letter == other ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
            }
        }
        return row[b.count]
    }
}
