import Canvas

/// The message that a view shows where the watched folders hold no runs: how to start one.
struct NoRunsMessage {
    let folders: String

    func draw(into frame: inout Frame, in rect: Rect) {
        let lines: [(String, Style)] = [
            ("No runs in \(folders) yet.", .title),
            ("", .text),
            ("Start one:  normscope train", .text),
            ("It trains a CNN with BatchNorm2d on Fashion-MNIST and appears here by itself.", .dim),
            ("", .text),
            ("Another folder:  normscope watch DIR", .text),
        ]
        let top = max(0, (rect.rows - lines.count) / 2)
        for (row, (text, style)) in lines.enumerated() {
            let shown = text.fitted(to: rect.columns)
            frame.write(shown, row: top + row, column: max(0, (rect.columns - shown.columns) / 2), in: rect, style)
        }
    }
}
