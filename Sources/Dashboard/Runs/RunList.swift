import Canvas
import Charts
import EventLog
import Runs

/// View 6: the runs of the folders, one a line: to open, mark for overlay, compare, start, stop, rename and delete.
struct RunList: DashboardView {
    private(set) var table = RunTable()
    private var knownRows = KnownRows()
    private var cursor = ListCursor()
    private var chosenPath: String?
    private var openPath: String?
    private var column = 0
    private var sort = RunTable.Column.age
    private var isAscending = true
    private var filter = FilterField()
    private var comparison: SettingsComparison?
    private var runCount = 0

    private var chosen: RunTable.Row? { table.rows[safe: cursor.index] }

    mutating func follow(_ desk: Desk) {
        guard let workspace = desk.workspace else { return }
        // A run that is opened, or started, takes the cursor along.
        if openPath != workspace.open?.directory.path {
            openPath = workspace.open?.directory.path
            chosenPath = openPath
        }
        let path = chosenPath
        runCount = workspace.runs.count
        table = RunTable(
            workspace.runs, knownRows: &knownRows, filter: filter.text, sort: sort, isAscending: isAscending,
            now: desk.now)
        column = min(column, table.columns.count - 1)
        if let index = table.rows.firstIndex(where: { $0.path == path }) {
            cursor.move(to: index, count: table.rows.count)
        }
        cursor.clamp(count: table.rows.count)
        chosenPath = chosen?.path ?? path
    }

    mutating func type(_ key: Key, _ desk: inout Desk) -> [Effect]? {
        comparison != nil ? scrollComparison(key) : typeIntoFilter(key, desk)
    }

    private mutating func scrollComparison(_ key: Key) -> [Effect]? {
        guard key != .function(1), key != .character("?") else { return nil }
        if comparison?.update(key) == false { comparison = nil }
        return []
    }

    mutating func update(_ action: Action, _ desk: inout Desk) -> [Effect] {
        switch action {
        case .back: goBack(&desk)
        case .open: return open(&desk)
        case .filter: filter.begin()
        case .mark: mark(&desk)
        case .markAll: markAll(&desk)
        case .unmarkAll: desk.marks = []
        case .sort: sortByColumn()
        case .compare: compare(&desk)
        case .newRun: return [.findExperiments(near: chosen?.path)]
        case .stopRun, .renameRun, .deleteRun: ask(action, &desk)
        case .moveLeft: column = max(0, column - 1)
        case .moveRight: column = min(table.columns.count - 1, column + 1)
        default: cursor.update(action, count: table.rows.count)
        }
        chosenPath = chosen?.path
        follow(desk)
        return []
    }

    private mutating func goBack(_ desk: inout Desk) {
        if filter.isEmpty { desk.view = .overview } else { filter.clear() }
    }

    private func open(_ desk: inout Desk) -> [Effect] {
        guard let chosen else { return [] }
        desk.view = .overview
        return [.follow(run: chosen.path)]
    }

    private mutating func mark(_ desk: inout Desk) {
        guard let path = chosen?.path else { return }
        if let place = desk.marks.firstIndex(of: path) {
            desk.marks.remove(at: place)
        } else if desk.marks.count < OverlaidRun.most {
            desk.marks.append(path)
        } else {
            desk.refuse(
                "\(OverlaidRun.most) runs are marked, as many as there are colours: "
                    + "\(desk.keys.name(of: .unmarkAll)) unmarks all")
        }
        cursor.update(.moveDown, count: table.rows.count)
    }

    private func markAll(_ desk: inout Desk) {
        desk.marks = table.rows.prefix(OverlaidRun.most).map(\.path)
        guard table.rows.count > OverlaidRun.most else { return }
        desk.note("marked the first \(OverlaidRun.most) of \(table.rows.count), as many as there are colours")
    }

    private mutating func sortByColumn() {
        guard let wanted = table.columns[safe: column] else { return }
        isAscending = sort == wanted ? !isAscending : true
        sort = wanted
    }

    /// The two that are marked; or the one that is, and the one under the cursor.
    private mutating func compare(_ desk: inout Desk) {
        var paths = desk.marks
        if paths.count == 1, let path = chosen?.path, path != paths[0] { paths.append(path) }
        let runs = paths.compactMap { path in desk.workspace?.runs.first { $0.directory.path == path } }
        guard runs.count == 2 else {
            desk.refuse(
                "mark two runs with \(desk.keys.name(of: .mark)) to compare their settings; \(runs.count) are marked")
            return
        }
        comparison = SettingsComparison(runs[0], runs[1])
    }

    private func ask(_ action: Action, _ desk: inout Desk) {
        guard let run = desk.workspace?.runs.first(where: { $0.directory.path == chosen?.path }) else { return }
        guard run.isLive == (action == .stopRun) else {
            desk.refuse(run.isLive ? "\(run.name) is training: stop it first" : "\(run.name) is not training")
            return
        }
        switch action {
        case .stopRun:
            if let refusal = run.status?.refusal(of: .stop) { return desk.refuse(refusal) }
            desk.question = .stopRun(name: run.name, path: run.directory.path)
        case .renameRun: desk.question = .renameRun(RunNameEntry(run.directory))
        default:
            let inside = desk.workspace?.runs.filter { $0.directory.path.hasPrefix(run.directory.path + "/") } ?? []
            if let live = inside.first(where: \.isLive) {
                desk.refuse("\(live.name) lies in it and is training: stop it first")
            } else {
                let names = inside.map(\.name).sorted()
                desk.question = .deleteRun(name: run.name, path: run.directory.path, inside: names)
            }
        }
    }

    /// A click on the table's head sorts, one on a line chooses it.
    mutating func point(_ pointer: Pointer, _ desk: inout Desk) -> [Effect] {
        guard comparison == nil else { return [] }
        switch pointer.action {
        case .wheelUp: return update(.moveUp, &desk)
        case .wheelDown: return update(.moveDown, &desk)
        case .press:
            let layout = RunTableLayout(
                table, column: column, in: Rect(rows: desk.body.rows, columns: desk.body.columns))
            let line = pointer.row - 2 + cursor.firstLine(rows: desk.body.rows - 2, count: table.rows.count)
            if pointer.row == 1, let place = layout.place(atColumn: pointer.column) {
                column = place
                sortByColumn()
            } else if pointer.row >= 2, line < table.rows.count {
                cursor.move(to: line, count: table.rows.count)
                chosenPath = chosen?.path
            }
            follow(desk)
        }
        return []
    }
}

// MARK: - What the command line asks, and what is remembered

extension RunList {
    var listFilter: FilterField? {
        get { filter }
        set { if let newValue { filter = newValue } }
    }

    var columnTitles: [String] { table.columns.map(\.title) }

    mutating func fulfil(_ wish: Wish, _ desk: inout Desk) throws(CommandProblem) -> [Effect]? {
        switch wish {
        case .compare(let first, let second):
            let runs = [first, second].compactMap { path in desk.workspace?.runs.first { $0.directory.path == path } }
            guard runs.count == 2 else { return nil }
            comparison = SettingsComparison(runs[0], runs[1])
        case .sort(let title):
            let wanted = try Vocabulary.choice("column", title, among: columnTitles)
            column = columnTitles.firstIndex(of: wanted) ?? column
            sortByColumn()
        default: return nil
        }
        follow(desk)
        return []
    }

    func remember(in memory: inout ScreenMemory) {
        memory.sort = sort.title
        memory.isAscending = isAscending
    }

    mutating func recall(_ memory: ScreenMemory) {
        guard let title = memory.sort else { return }
        sort = RunTable.usual.first { $0.title == title } ?? .setting(title)
        isAscending = memory.isAscending
    }
}

// MARK: - The picture

extension RunList {
    func draw(into frame: inout Frame, in rect: Rect, _ desk: Desk) {
        guard desk.workspace?.runs.isEmpty == false else {
            EmptyPlace(place: desk.place).draw(into: &frame, in: rect)
            return
        }
        drawFacts(into: &frame, in: rect.split(top: 1).top, desk)
        let body = rect.split(top: 1).rest
        if let comparison {
            comparison.draw(into: &frame, in: body)
            return
        }
        let layout = RunTableLayout(table, column: column, in: rect)
        for (place, start, width) in layout.places {
            let isSorted = table.columns[place] == sort
            let title = table.columns[place].title + (isSorted ? isAscending ? "↑" : "↓" : "")
            let style = place == column ? Style(.accent, .underline) : isSorted ? Style(.title) : .dim
            frame.write(
                title.padded(to: width, right: table.columns[place].isNumber), row: 0, column: start, in: body, style)
        }
        drawRows(layout, into: &frame, in: body.split(top: 1).rest, desk)
    }

    /// The rows that pass the filter, in their order, with all columns.
    func table(_ desk: Desk) -> ShownTable? {
        guard comparison == nil, !table.rows.isEmpty else { return nil }
        let (columns, rows) = (table.columns, table.rows)
        return ShownTable(
            name: "runs", contents: NumberFormat.count(rows.count, of: "run"), head: columns.map(\.key)
        ) { put in
            for row in rows { try put(columns.map(row.plain)) }
        }
    }

    private func drawFacts(into frame: inout Frame, in rect: Rect, _ desk: Desk) {
        var column = filter.draw(into: &frame, row: 0, column: 0, in: rect)
        if column > 0 { column += 2 }
        let facts = [
            (table.rows.count == runCount ? "" : "\(table.rows.count) of ") + NumberFormat.count(runCount, of: "run"),
            desk.marks.isEmpty ? nil : "\(desk.marks.count) marked",
            NumberFormat.count(knownRows.points, of: "point"),
        ]
        frame.write(
            facts.compactMap { $0 }.joined(separator: " · ").fitted(to: max(0, rect.columns - column)), row: 0,
            column: column, in: rect, .dim)
    }

    private func drawRows(_ layout: RunTableLayout, into frame: inout Frame, in rect: Rect, _ desk: Desk) {
        guard !table.rows.isEmpty else {
            frame.pane("", in: rect, note: "no run passes the filter: Esc clears it")
            return
        }
        let first = cursor.firstLine(rows: rect.rows, count: table.rows.count)
        for (line, row) in table.rows.dropFirst(first).prefix(rect.rows).enumerated() {
            drawMark(of: row, line: line, into: &frame, in: rect, desk)
            for (place, start, width) in layout.places {
                let column = table.columns[place]
                let text = row.text(column, now: desk.now, utcOffset: desk.utcOffset)
                frame.write(
                    (column == .name ? text.middleFitted(to: width) : text).padded(to: width, right: column.isNumber),
                    row: line, column: start, in: rect, column == .state ? row.state.style : .text)
            }
            guard first + line == cursor.index else { continue }
            frame.restyle(Rect(row: rect.row + line, column: rect.column + 2, rows: 1, columns: rect.columns - 2)) {
                _ in
                .selection
            }
        }
    }

    /// The colour that a marked run's curves have; the open run where nothing is marked.
    private func drawMark(of row: RunTable.Row, line: Int, into frame: inout Frame, in rect: Rect, _ desk: Desk) {
        if let run = desk.overlaid.first(where: { $0.path == row.path }) {
            frame.write(desk.marks.isEmpty ? "▶" : "●", row: line, in: rect, run.style)
        }
    }
}

/// Where the table's columns stand: the name always, then those from the left edge on that fit, moved so that the chosen
/// one is among them.
struct RunTableLayout {
    /// Columns by their places in the table.
    let places: [(column: Int, start: Int, width: Int)]

    private static let margin = 2
    private static let gap = 2
    private static let widest = 16

    init(_ table: RunTable, column: Int, in rect: Rect) {
        let widths = table.columns.indices.map { Self.width(of: $0, in: table) }
        let room = rect.columns - Self.margin
        let name = max(12, min(widths[0], room / 3))
        var first = 1
        while first < column, Self.used(widths[first...column]) > room - name - Self.gap { first += 1 }
        var places = [(0, Self.margin, name)]
        var start = Self.margin + name + Self.gap
        for place in first..<widths.count {
            guard start + widths[place] <= rect.columns || place == first else { break }
            places.append((place, start, widths[place]))
            start += widths[place] + Self.gap
        }
        self.places = places.map { (column: $0.0, start: $0.1, width: $0.2) }
    }

    func place(atColumn column: Int) -> Int? {
        places.last { $0.start <= column }?.column
    }

    private static func used(_ widths: ArraySlice<Int>) -> Int { widths.reduce(0) { $0 + $1 + gap } }

    /// Enough for the title with its arrow and for what stands below it, within reason.
    private static func width(of place: Int, in table: RunTable) -> Int {
        let title = table.columns[place].title.columns + 1
        switch table.columns[place] {
        case .name: return max(title, table.rows.prefix(200).map { min($0.name.columns, 40) }.max() ?? 0)
        // Enough for `! silent since 14:05:09` where one is.
        case .state: return table.rows.contains { $0.state.isSilent } ? 23 : 13
        case .step: return 9
        case .age: return 8
        case .loss, .accuracy: return 9
        case .setting(let name):
            let longest = table.rows.prefix(200).map { $0.settings[name]?.text.columns ?? 0 }.max() ?? 0
            return min(widest, max(title, longest))
        }
    }
}
