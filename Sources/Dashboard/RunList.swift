import Canvas
import Charts
import Runs

/// View 6: the runs of the folder, one a line.
struct RunList: DashboardView {
    private var cursor = ListCursor()
    private var paths: [String] = []

    mutating func follow(_ desk: Desk) {
        guard let workspace = desk.workspace else { return }
        let chosen = paths.indices.contains(cursor.index) ? paths[cursor.index] : workspace.open?.directory.path
        paths = workspace.runs.map(\.directory.path)
        if let chosen, let index = paths.firstIndex(of: chosen) { cursor.move(to: index, count: paths.count) }
        cursor.clamp(count: paths.count)
    }

    mutating func update(_ action: Action, _ desk: inout Desk) -> [Effect] {
        switch action {
        case .back: desk.view = .overview
        case .open:
            guard paths.indices.contains(cursor.index) else { return [] }
            desk.view = .overview
            return [.follow(run: paths[cursor.index])]
        default: cursor.update(action, count: paths.count)
        }
        return []
    }

    /// A click on a row of the body: the first one is the table's head.
    mutating func point(_ pointer: Pointer, _ desk: inout Desk) -> [Effect] {
        switch pointer.action {
        case .wheelUp: cursor.update(.moveUp, count: paths.count)
        case .wheelDown: cursor.update(.moveDown, count: paths.count)
        case .press:
            let line = pointer.row - 1 + cursor.firstLine(rows: desk.body.rows - 1, count: paths.count)
            if pointer.row >= 1, line < paths.count { cursor.move(to: line, count: paths.count) }
        }
        return []
    }

    func draw(into frame: inout Frame, in rect: Rect, _ desk: Desk) {
        guard let workspace = desk.workspace, !workspace.runs.isEmpty else {
            EmptyPlace(place: desk.place).draw(into: &frame, in: rect)
            return
        }
        let now = desk.now
        drawRow(["", "run", "state", "epoch", "step", "checkpoints", "changed"], row: 0, into: &frame, in: rect) { _ in
            .dim
        }
        let (_, lines) = rect.split(top: 1)
        let first = cursor.firstLine(rows: lines.rows, count: workspace.runs.count)
        for (row, run) in workspace.runs.dropFirst(first).prefix(lines.rows).enumerated() {
            let isOpen = run.directory == workspace.open?.directory
            drawRow(fields(of: run, isOpen: isOpen, now: now), row: row, into: &frame, in: lines) {
                $0 == 2 ? run.state.style : .text
            }
            if first + row == cursor.index {
                frame.restyle(Rect(row: lines.row + row, column: lines.column, rows: 1, columns: lines.columns)) { _ in
                    .selection
                }
            }
        }
    }

    private func fields(of run: RunCatalogue.Entry, isOpen: Bool, now: Double) -> [String] {
        let status = run.status
        return [
            isOpen ? "●" : " ", run.name, run.state.mark + " " + run.state.word, status?.epochText ?? "",
            status.map { "\($0.step)" } ?? "", "\(run.checkpoints.count)",
            now > run.updated ? NumberFormat.duration(now - run.updated) + " ago" : "now",
        ]
    }

    /// The columns' widths: the name gets what the others leave.
    private static func widths(in columns: Int) -> [Int] {
        let others = [14, 9, 9, 13, 12]
        return [2, max(12, min(40, columns - 2 - others.reduce(0, +)))] + others
    }

    private func drawRow(
        _ fields: [String], row: Int, into frame: inout Frame, in rect: Rect, style: (Int) -> Style
    ) {
        var column = 0
        for (index, (field, width)) in zip(fields, Self.widths(in: rect.columns)).enumerated()
        where column < rect.columns {
            frame.write(field.padded(to: width - 1), row: row, column: column, in: rect, style(index))
            column += width
        }
    }
}
