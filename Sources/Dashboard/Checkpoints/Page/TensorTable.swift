import Canvas
import Charts
import Checkpoints

/// A table of the tensors of a module, with as many columns as fit.
struct TensorTable {
    let rows: [TensorEntry]
    /// The length of the module's own name, which is left out of the names.
    let prefix: Int
    let pictures: [String: TensorPicture]
    let unshown: [String]

    private static let nameColumns = 18

    /// - Parameter first: the row to begin with.
    func draw(into frame: inout Frame, in rect: Rect, first: Int) {
        let columns = Self.columns(in: rect.columns)
        let width = rect.columns - columns.reduce(0) { $0 + $1.width }
        drawLine("tensor", columns.map { ($0.title, $0.width) }, width, row: 0, into: &frame, in: rect, .dim)
        let room = max(0, rect.rows - 1)
        let start = max(0, min(first, rows.count - room))
        let shown = rows.dropFirst(start).prefix(room)
        for (line, row) in shown.enumerated() {
            let picture = pictures[row.name]
            let style: Style = picture.map { $0.statistics.nonFinite > 0 } == true ? .error : .text
            drawLine(
                String(row.name.dropFirst(prefix)), columns.map { ($0.text(row, picture), $0.width) }, width,
                row: line + 1,
                into: &frame, in: rect, style)
        }
        for (line, text) in unshown.prefix(max(0, room - shown.count)).enumerated() {
            frame.write(text.fitted(to: rect.columns), row: shown.count + 1 + line, in: rect, .dim)
        }
    }

    private func drawLine(
        _ name: String, _ fields: [(String, Int)], _ width: Int, row: Int, into frame: inout Frame, in rect: Rect,
        _ style: Style
    ) {
        let texts = fields.map { $0.0.padded(to: $0.1, right: true) }
        let room = max(0, width - 1)
        let shown = name.endFitted(to: room)
        frame.write(shown.padded(to: max(0, width)) + texts.joined(), row: row, in: rect, style)
    }

    private struct Column: Sendable {
        let title: String
        let width: Int
        let text: @Sendable (TensorEntry, TensorPicture?) -> String
    }

    /// All columns, the most important first.
    private static let all: [Column] = [
        Column(title: "shape", width: 14) { row, _ in
            row.shape.isEmpty ? "()" : row.shape.map(String.init).joined(separator: "×").fitted(to: 13)
        },
        number("mean") { $0.mean }, number("std") { $0.standardDeviation }, number("min") { $0.minimum },
        number("max") { $0.maximum }, Column(title: "dtype", width: 10) { row, _ in row.type.rawValue.fitted(to: 9) },
        Column(title: "bytes", width: 9) { row, _ in NumberFormat.bytes(row.byteCount) },
        Column(title: "non-fin.", width: 9) { _, picture in picture.map { "\($0.statistics.nonFinite)" } ?? "" },
    ]

    private static func number(_ title: String, _ value: @escaping @Sendable (TensorStatistics) -> Double?) -> Column {
        Column(title: title, width: 9) { _, picture in
            guard let picture else { return "…" }
            return value(picture.statistics).map(NumberFormat.compact) ?? ""
        }
    }

    private static func columns(in width: Int) -> [Column] {
        var left = width - nameColumns
        return all.prefix { column in
            left -= column.width
            return left >= 0
        }
    }
}
