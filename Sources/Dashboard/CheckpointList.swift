import Canvas
import Charts
import Runs

/// The checkpoints of the open run, or of a folder: one a line, the newest first.
struct CheckpointList: Sendable {
    private(set) var entries: [CheckpointEntry] = []
    private(set) var marked: [String] = []
    private(set) var cursor = ListCursor()
    /// What evaluations gave, by path.
    private(set) var figures: [String: EvaluationFigures] = [:]

    /// Takes in what there is now. Who looks at the newest one goes on looking at the newest; else the chosen one stays so.
    mutating func load(_ entries: [CheckpointEntry]) {
        let chosen = cursor.index == 0 ? nil : self.chosen?.path
        self.entries = entries
        let paths = Set(entries.map(\.path))
        marked.removeAll { !paths.contains($0) }
        let index = chosen.flatMap { path in entries.firstIndex { $0.path == path } } ?? cursor.index
        cursor.move(to: index, count: entries.count)
    }

    var chosen: CheckpointEntry? { entries.indices.contains(cursor.index) ? entries[cursor.index] : nil }

    mutating func move(_ action: Action) { cursor.update(action, count: entries.count) }

    mutating func choose(row: Int, rows: Int) {
        let index = cursor.firstLine(rows: rows, count: entries.count) + row
        if entries.indices.contains(index) { cursor.move(to: index, count: entries.count) }
    }

    /// Marks the chosen one, or takes its mark away; of three the oldest mark goes.
    mutating func mark() {
        guard let chosen else { return }
        if let index = marked.firstIndex(of: chosen.path) {
            marked.remove(at: index)
        } else {
            marked = marked.suffix(1) + [chosen.path]
        }
        move(.moveDown)
    }

    mutating func take(_ figures: EvaluationFigures, of path: String) { self.figures[path] = figures }

    func draw(into frame: inout Frame, in rect: Rect, now: Double, empty: String) {
        guard !entries.isEmpty else {
            frame.pane("checkpoints", in: rect, note: empty)
            return
        }
        let (head, rest) = rect.split(top: 1)
        let (lines, foot) = rest.split(top: rest.rows - 3)
        drawLine(
            ["", "step", "written", "size", "val loss", "val accuracy", "file"], row: 0, into: &frame, in: head, .dim)
        let first = cursor.firstLine(rows: lines.rows, count: entries.count)
        for (row, entry) in entries.dropFirst(first).prefix(lines.rows).enumerated() {
            let isChosen = first + row == cursor.index
            drawLine(fields(of: entry, now: now), row: row, into: &frame, in: lines, isChosen ? .selection : .text)
            guard isChosen else { continue }
            frame.restyle(Rect(row: lines.row + row, column: lines.column, rows: 1, columns: lines.columns)) { _ in
                .selection
            }
        }
        drawFoot(into: &frame, in: foot)
    }

    private func fields(of entry: CheckpointEntry, now: Double) -> [String] {
        [
            marked.firstIndex(of: entry.path).map { $0 == 0 ? "A" : "B" } ?? "", entry.step.map(String.init) ?? "",
            now > entry.modified ? NumberFormat.duration(now - entry.modified) + " ago" : "now", entry.bytes.asBytes,
            entry.loss.map(NumberFormat.compact) ?? "", entry.accuracy.map(Self.percent) ?? "", entry.name,
        ]
    }

    private static func percent(_ fraction: Double) -> String { NumberFormat.fixed(fraction * 100, decimals: 2) + "%" }

    private func drawLine(
        _ fields: [String], row: Int, into frame: inout Frame, in rect: Rect, _ style: Style
    ) {
        var column = 0
        for (field, width) in zip(fields, [2, 9, 13, 9, 10, 14]) {
            frame.write(field.padded(to: width - 1), row: row, column: column, in: rect, style)
            column += width
        }
        let name = (fields.last ?? "").fitted(to: max(0, rect.columns - column))
        frame.write(name, row: row, column: column, in: rect, style)
    }

    /// What an evaluation of the chosen one gave, in both modes, and what to do with the marks.
    private func drawFoot(into frame: inout Frame, in rect: Rect) {
        if let figures = chosen.flatMap({ self.figures[$0.path] }) {
            for (row, mode) in [("evaluation mode ", figures.running), ("batch statistics", figures.batch)].enumerated()
            {
                let end = frame.write(mode.0, row: row + 1, in: rect, .dim)
                let text = "  loss \(NumberFormat.compact(mode.1.loss))  accuracy \(Self.percent(mode.1.accuracy))"
                frame.write(text, row: row + 1, column: end, in: rect)
            }
        } else if !marked.isEmpty {
            let advice = marked.count == 2 ? "d compares A and B" : "Space on another one, then d compares the two"
            frame.write(advice.fitted(to: rect.columns), row: 1, in: rect, .dim)
        }
    }
}
