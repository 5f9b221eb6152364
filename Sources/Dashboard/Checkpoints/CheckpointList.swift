import Canvas
import Charts
import Runs

/// The list of checkpoints of the open run or of a folder, one a line, the newest first.
struct CheckpointList: Sendable {
    private(set) var list = FilteredList<CheckpointEntry>(.staysAtTop)
    private(set) var all: [CheckpointEntry] = []
    private(set) var marked: [String] = []
    /// Results of evaluations, by path.
    private(set) var summaries: [String: EvaluationSummary] = [:]

    var filter: FilterField {
        get { list.filter }
        set {
            list.filter = newValue
            applyFilter()
        }
    }

    /// Takes in what there is now.
    mutating func load(_ all: [CheckpointEntry]) {
        self.all = all
        let paths = Set(all.map(\.path))
        marked.removeAll { !paths.contains($0) }
        applyFilter()
    }

    private mutating func applyFilter() {
        list.show(all) { .init(name: $0.name, column: $0.content(of:)) }
    }

    /// Takes the filter away; false if there was none.
    mutating func clearFilter() -> Bool {
        defer { applyFilter() }
        return list.clearFilter()
    }

    var chosen: CheckpointEntry? { list.chosen }

    mutating func move(_ action: KeyAction) { list.move(action) }
    mutating func click(line: Int, rows: Int) { list.click(line: line, rows: rows) }

    /// Marks or unmarks the chosen checkpoint; of three marks the oldest is removed.
    mutating func mark() {
        guard let chosen else { return }
        if let index = marked.firstIndex(of: chosen.path) {
            marked.remove(at: index)
        } else {
            marked = marked.suffix(1) + [chosen.path]
        }
        move(.moveDown)
    }

    mutating func receive(_ summary: EvaluationSummary, of path: String) { summaries[path] = summary }

    func draw(into frame: inout Frame, in rect: Rect, now: Double, empty: String, _ keys: Keymap) {
        guard !all.isEmpty else {
            frame.pane("checkpoints", in: rect, note: empty)
            return
        }
        let (head, rest) = rect.split(top: 1)
        let (lines, foot) = rest.split(top: rest.rows - 3)
        drawFilter(into: &frame, in: foot)
        guard !list.items.isEmpty else {
            frame.pane("", in: rest, note: "no checkpoint passes the filter: Esc clears it")
            return
        }
        let columns = columns(in: rect)
        drawLine(columns.map(\.title), of: columns, row: 0, into: &frame, in: head, .dim)
        for (row, (entry, isChosen)) in list.lines(lines.rows).enumerated() {
            let fields = columns.map { text(of: entry, in: $0, now: now) }
            drawLine(fields, of: columns, row: row, into: &frame, in: lines, isChosen ? .selection : .text)
            guard isChosen else { continue }
            frame.restyle(Rect(row: lines.row + row, column: lines.column, rows: 1, columns: lines.columns)) { _ in
                .selection
            }
        }
        drawFoot(into: &frame, in: foot, keys)
    }

    private enum Column: CaseIterable {
        case mark, step, written, size, loss, accuracy, file

        var title: String {
            switch self {
            case .mark: ""
            case .step: "step"
            case .written: "written"
            case .size: "size"
            case .loss: "val loss"
            case .accuracy: "val accuracy"
            case .file: "file"
            }
        }

        /// The width in cells, including the gap. The file's name takes what is left; for it, this is the wanted width.
        var width: Int {
            switch self {
            case .mark: 2
            case .step, .size: 9
            case .written: 13
            case .loss: 10
            case .accuracy: 14
            case .file: 18
            }
        }
    }

    /// The columns that have contents, without the least important ones where the file's name would have no room.
    private func columns(in rect: Rect) -> [Column] {
        var columns = Column.allCases
        if !list.items.contains(where: { $0.step != nil }) { columns.removeAll { $0 == .step } }
        if !list.items.contains(where: { $0.loss != nil || $0.accuracy != nil }) {
            columns.removeAll { $0 == .loss || $0 == .accuracy }
        }
        for candidate in [Column.written, .size] where columns.reduce(0, { $0 + $1.width }) > rect.columns {
            columns.removeAll { $0 == candidate }
        }
        return columns
    }

    private func text(of entry: CheckpointEntry, in column: Column, now: Double) -> String {
        switch column {
        case .mark: marked.firstIndex(of: entry.path).map { $0 == 0 ? "A" : "B" } ?? ""
        case .step: entry.step.map(String.init) ?? ""
        case .written: now > entry.modified ? NumberFormat.duration(now - entry.modified) + " ago" : "now"
        case .size: NumberFormat.bytes(entry.bytes)
        case .loss: entry.loss.map(NumberFormat.compact) ?? ""
        case .accuracy: entry.accuracy.map(Self.percent) ?? ""
        case .file: entry.name
        }
    }

    private static func percent(_ fraction: Double) -> String { NumberFormat.fixed(fraction * 100, decimals: 2) + "%" }

    private func drawLine(
        _ fields: [String], of columns: [Column], row: Int, into frame: inout Frame, in rect: Rect, _ style: Style
    ) {
        var place = 0
        for (field, column) in zip(fields, columns) {
            let isLast = column == .file
            let text = isLast ? field.fitted(to: max(0, rect.columns - place)) : field.padded(to: column.width - 1)
            frame.write(text, row: row, column: place, in: rect, style)
            place += column.width
        }
    }

    /// Draws the filter and the number of checkpoints that pass it.
    private func drawFilter(into frame: inout Frame, in rect: Rect) {
        let end = filter.draw(into: &frame, row: 0, column: 0, in: rect)
        guard end > 0 else { return }
        frame.write("  \(list.items.count) of \(list.total)", row: 0, column: end, in: rect, .dim)
    }

    /// Draws the evaluation of the chosen checkpoint, or what to do with the marks.
    private func drawFoot(into frame: inout Frame, in rect: Rect, _ keys: Keymap) {
        if let summary = chosen.flatMap({ summaries[$0.path] }) {
            for (row, mode) in [("evaluation mode ", summary.running), ("batch statistics", summary.batch)].enumerated()
            {
                let end = frame.write(mode.0, row: row + 1, in: rect, .dim)
                let text = "  loss \(NumberFormat.compact(mode.1.loss))  accuracy \(Self.percent(mode.1.accuracy))"
                frame.write(text, row: row + 1, column: end, in: rect)
            }
        } else if !marked.isEmpty {
            let (mark, compare) = (keys.name(of: .mark), keys.name(of: .compare))
            let advice =
                marked.count == 2
                ? "\(compare) compares A and B" : "\(mark) on another one, then \(compare) compares the two"
            frame.write(advice.fitted(to: rect.columns), row: 1, in: rect, .dim)
        }
    }
}

extension CheckpointEntry: ListItem {
    var listID: String { path }

    /// The content of a column, for the comparisons of a filter.
    fileprivate func content(of column: String) -> ListFilter.Content? {
        switch column {
        case "step": step.map { .number(Double($0)) }
        case "size", "bytes": .number(Double(bytes))
        case "loss": loss.map(ListFilter.Content.number)
        case "accuracy", "acc": accuracy.map(ListFilter.Content.number)
        default: nil
        }
    }
}
