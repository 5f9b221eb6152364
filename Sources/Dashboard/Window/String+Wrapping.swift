extension String {
    /// The text wrapped to lines of at most `columns`, broken between words where possible; longer words are folded.
    func wrapped(to columns: Int) -> [String] { wordLines(columns).flatMap { $0.folded(to: columns) } }

    /// The text broken between words; a line is wider than `columns` only where a word is.
    func wordLines(_ columns: Int) -> [String] {
        var lines: [String] = [""]
        for word in split(separator: " ").map(String.init) {
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = word
            } else if last.columns + 1 + word.columns <= columns {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(word)
            }
        }
        return lines
    }

    /// The text folded into pieces of at most `columns`; an empty text is one empty piece. Very long ones are cut.
    func folded(to columns: Int) -> [String] {
        guard columns > 0 else { return [] }
        var pieces: [String] = [""]
        var used = 0
        for character in prefix(20_000) {
            let width = character.columns
            if used + width > columns, used > 0 {
                pieces.append("")
                used = 0
            }
            pieces[pieces.count - 1].append(character)
            used += width
        }
        return pieces
    }
}
