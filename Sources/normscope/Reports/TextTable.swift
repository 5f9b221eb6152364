import Canvas

/// A table of text: columns as wide as their widest field, no spaces at the ends of lines. Fields may come from
/// anywhere: what could control a terminal, or break a line, is replaced.
enum TextTable {
    static func print(_ head: [String], _ rows: [[String]]) {
        let all = [head] + rows.map { $0.map(\.onOneLine) }
        let widths = head.indices.map { column in all.map { $0[column].columns }.max() ?? 0 }
        for row in all {
            let line = zip(row, widths).map { $0.padded(to: $1) }.joined(separator: "  ")
            Swift.print(line.trimmingSuffix { $0 == " " })
        }
    }
}

extension String {
    /// The text with everything that could control a terminal replaced; line breaks stay.
    var printable: String { String(map { $0 == "\n" ? $0 : $0.shown }) }

    var onOneLine: String { String(map { $0.isPrintable ? $0 : "\u{FFFD}" }) }

    func trimmingSuffix(while predicate: (Character) -> Bool) -> Substring {
        var text = self[...]
        while let last = text.last, predicate(last) { text.removeLast() }
        return text
    }
}
