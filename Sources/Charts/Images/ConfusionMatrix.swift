import Canvas

/// A confusion matrix: a row for each true class, a column for each answer, shaded by the row's share, the correct ones
/// on the diagonal.
///
/// Numbers are written where cells have room for them; rows carry the class's name and its recall. Where not all classes
/// fit, the first ones are shown and the header says so.
package struct ConfusionMatrix: Sendable {
    package var title: String
    package var classes: [String]
    /// [true class][answer].
    package var counts: [[Int]]

    package init(title: String = "", classes: [String], counts: [[Int]]) {
        self.title = title
        self.classes = classes
        self.counts = counts
    }

    package func draw(into frame: inout Frame, in rect: Rect) {
        guard !rect.isEmpty else { return }
        let (header, body) = rect.split(top: rect.rows >= 3 ? 1 : 0)
        let (names, table) = body.split(top: body.rows >= 3 ? 1 : 0)
        let nameColumns = rect.columns >= 24 ? min(12, classes.map(\.columns).max() ?? 0) : 0
        let cells = max(0, table.columns - nameColumns - (nameColumns > 0 ? 1 : 0))
        let recallColumns = rect.columns >= 40 && !isRecallCostly(cells) ? Self.recallColumns : 0
        let room = max(0, cells - recallColumns)
        let width = min(7, max(2, room / max(1, classes.count)))
        let shown = min(classes.count, table.rows, room / width)
        let left = nameColumns > 0 ? nameColumns + 1 : 0
        for answer in 0..<shown {
            let fitted = width > 4 ? classes[answer].fitted(to: width - 1) : String(classes[answer].prefix(width - 1))
            let name = fitted.padded(to: width - 1, right: true)
            frame.write(name, column: left + answer * width, in: names, .dim)
        }
        for row in 0..<shown {
            if nameColumns > 0 {
                frame.write(classes[row].padded(to: nameColumns, right: true), row: row, in: table, .dim)
            }
            drawRow(row, columns: shown, width: width, left: left, into: &frame, in: table)
            guard recallColumns > 0, let recall = share(row, row) else { continue }
            let text = NumberFormat.fixed(recall * 100, decimals: 0) + "%"
            frame.write(text.padded(to: 5, right: true), row: row, column: left + shown * width + 1, in: table)
        }
        let note = shown < classes.count ? "\(shown) of \(classes.count) classes" : "rows: truth, columns: answer"
        Legend(title: title, note: note).draw(into: &frame, in: header)
    }

    private static let recallColumns = 6

    /// Whether the column of recalls takes the room that numbers of two digits need.
    private func isRecallCostly(_ columns: Int) -> Bool {
        let count = max(1, classes.count)
        return columns / count >= 3 && (columns - Self.recallColumns) / count < 3
    }

    private func count(_ row: Int, _ answer: Int) -> Int {
        row < counts.count && answer < counts[row].count ? counts[row][answer] : 0
    }

    /// The share of a class's images that got an answer; nil for a class without images.
    private func share(_ row: Int, _ answer: Int) -> Double? {
        let total = row < counts.count ? counts[row].reduce(0.0) { $0 + Double($1) } : 0
        return total > 0 ? Double(count(row, answer)) / total : nil
    }

    private func drawRow(
        _ row: Int, columns: Int, width: Int, left: Int, into frame: inout Frame, in rect: Rect
    ) {
        for answer in 0..<columns {
            let share = share(row, answer) ?? 0
            let number = count(row, answer)
            let text = number == 0 ? "·" : NumberFormat.count(number)
            let shown = text.columns <= width - 1 ? text : Self.shades[(share * 4).clamped(to: 0...4)]
            let style = style(row: row, answer: answer, share: share, count: number)
            let padded = (shown.padded(to: width - 1, right: true) + " ")
            frame.write(padded, row: row, column: left + answer * width, in: rect, style)
        }
    }

    private static let shades = ["░", "░", "▒", "▓", "█"]

    /// The style of a cell: a background from the ramp, with text that turns from light to dark in its middle; mistakes
    /// of a tenth and more are bold, so that they are seen without colours too.
    private func style(row: Int, answer: Int, share: Double, count: Int) -> Style {
        guard count > 0 else { return .dim }
        let attributes: Style.Attributes = row == answer || share >= 0.1 ? .bold : []
        let level = (share.squareRoot() * 255).clamped(to: 0...255)
        return Style(.contrast(level), on: .ramp(UInt8(level)), attributes)
    }
}

extension Ink {
    /// The end of the ramp that contrasts with a level of it.
    fileprivate static func contrast(_ level: Int) -> Ink { .ramp(level < 128 ? 255 : 0) }
}
