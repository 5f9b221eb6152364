import Canvas
import Charts
import EventLog
import Runs

/// View 6: the runs of the folders, one a line: to open, mark for overlay, compare, start, stop, rename and delete.
struct RunList: ListView {
    private(set) var table = RunTable()
    private var rowCache = RunRowCache()
    var list = FilteredList<RunTable.Row>()
    private var openPath: String?
    private var column = 0
    private var sort = RunTable.Column.age
    private var isAscending = true
    private var comparison: SettingsComparison?

    private var chosen: RunTable.Row? { list.chosen }

    mutating func refresh(_ app: AppState) {
        guard let workspace = app.workspace else { return }
        // A run that is opened, or started, takes the cursor along.
        if openPath != workspace.open?.directory.path {
            openPath = workspace.open?.directory.path
            list.choose(openPath)
        }
        table = RunTable(
            workspace.runs, rowCache: &rowCache, filter: list.filter.text, sort: sort, isAscending: isAscending,
            now: app.now)
        column = min(column, table.columns.count - 1)
        list.show(table.rows, of: workspace.runs.count)
    }

    /// While two runs are compared, all keys except those of the help go to the comparison.
    mutating func intercept(_ key: Key, _ app: inout AppState) -> [Effect]? {
        guard comparison != nil, key != .function(1), key != .character("?") else { return nil }
        if comparison?.update(key) == false { comparison = nil }
        return []
    }

    mutating func update(_ action: KeyAction, _ app: inout AppState) -> [Effect] {
        switch action {
        case .open: return open(&app)
        case .mark: mark(&app)
        case .markAll: markAll(&app)
        case .unmarkAll: app.marks = []
        case .sort: sortByColumn()
        case .compare: compare(&app)
        case .newRun: return [.findExperiments(near: chosen?.path)]
        case .stopRun, .renameRun, .deleteRun: ask(action, &app)
        case .moveLeft: column = max(0, column - 1)
        case .moveRight: column = min(table.columns.count - 1, column + 1)
        default: list.move(action)
        }
        refresh(app)
        return []
    }

    private func open(_ app: inout AppState) -> [Effect] {
        guard let chosen else { return [] }
        app.view = .overview
        return [.openRun(chosen.path)]
    }

    private mutating func mark(_ app: inout AppState) {
        guard let path = chosen?.path else { return }
        if let place = app.marks.firstIndex(of: path) {
            app.marks.remove(at: place)
        } else if app.marks.count < OverlaidRun.most {
            app.marks.append(path)
        } else {
            app.refuse(
                "\(OverlaidRun.most) runs are marked, as many as there are colours: "
                    + "\(app.keys.name(of: .unmarkAll)) unmarks all")
        }
        list.move(.moveDown)
    }

    private func markAll(_ app: inout AppState) {
        app.marks = table.rows.prefix(OverlaidRun.most).map(\.path)
        guard table.rows.count > OverlaidRun.most else { return }
        app.note("marked the first \(OverlaidRun.most) of \(table.rows.count), as many as there are colours")
    }

    private mutating func sortByColumn() {
        guard let wanted = table.columns[safe: column] else { return }
        isAscending = sort == wanted ? !isAscending : true
        sort = wanted
    }

    /// Compares the two marked runs, or the only marked one with the chosen one.
    private mutating func compare(_ app: inout AppState) {
        var paths = app.marks
        if paths.count == 1, let path = chosen?.path, path != paths[0] { paths.append(path) }
        let runs = paths.compactMap { path in app.workspace?.runs.first { $0.directory.path == path } }
        guard runs.count == 2 else {
            app.refuse(
                "mark two runs with \(app.keys.name(of: .mark)) to compare their settings; \(runs.count) are marked")
            return
        }
        comparison = SettingsComparison(runs[0], runs[1])
    }

    private func ask(_ action: KeyAction, _ app: inout AppState) {
        guard let run = app.workspace?.runs.first(where: { $0.directory.path == chosen?.path }) else { return }
        guard run.isLive == (action == .stopRun) else {
            app.refuse(run.isLive ? "\(run.name) is training: stop it first" : "\(run.name) is not training")
            return
        }
        switch action {
        case .stopRun:
            if let refusal = run.status?.refusal(of: .stop) { return app.refuse(refusal) }
            app.dialog = .stopRun(name: run.name, path: run.directory.path)
        case .renameRun: app.dialog = .renameRun(RunNameEntry(run.directory))
        default:
            let inside = app.workspace?.runs.filter { $0.directory.path.hasPrefix(run.directory.path + "/") } ?? []
            if let live = inside.first(where: \.isLive) {
                app.refuse("\(live.name) lies in it and is training: stop it first")
            } else {
                let names = inside.map(\.name).sorted()
                app.dialog = .deleteRun(name: run.name, path: run.directory.path, inside: names)
            }
        }
    }

    mutating func scroll(up: Bool, row: Int, column: Int, _ app: inout AppState) -> [Effect] {
        comparison == nil ? update(up ? .moveUp : .moveDown, &app) : []
    }

    /// A click on the table's head sorts, one on a line chooses it.
    mutating func click(row: Int, column: Int, _ app: inout AppState) -> [Effect] {
        guard comparison == nil else { return [] }
        let layout = RunTableLayout(
            table, column: self.column, in: Rect(rows: app.body.rows, columns: app.body.columns))
        if row == 1, let place = layout.place(atColumn: column) {
            self.column = place
            sortByColumn()
        }
        list.click(line: row - 2, rows: app.body.rows - 2)
        refresh(app)
        return []
    }
}

// MARK: - What the command line asks, and what is remembered

extension RunList {
    var columnTitles: [String] { table.columns.map(\.title) }

    mutating func handle(_ request: ViewRequest, _ app: inout AppState) throws(CommandError) -> [Effect]? {
        switch request {
        case .compare(let first, let second):
            let runs = [first, second].compactMap { path in app.workspace?.runs.first { $0.directory.path == path } }
            guard runs.count == 2 else { return nil }
            comparison = SettingsComparison(runs[0], runs[1])
        case .sort(let title):
            let wanted = try CompletionContext.choice("column", title, among: columnTitles)
            column = columnTitles.firstIndex(of: wanted) ?? column
            sortByColumn()
        default: return nil
        }
        refresh(app)
        return []
    }

    func save(to memory: inout ScreenMemory) {
        memory.sort = sort.title
        memory.isAscending = isAscending
    }

    mutating func restore(from memory: ScreenMemory) {
        guard let title = memory.sort else { return }
        sort = RunTable.usual.first { $0.title == title } ?? .setting(title)
        isAscending = memory.isAscending
    }
}

// MARK: - The picture

extension RunList {
    func draw(into frame: inout Frame, in rect: Rect, _ app: AppState) {
        guard app.workspace?.runs.isEmpty == false else {
            NoRunsMessage(folders: app.watchedFolders).draw(into: &frame, in: rect)
            return
        }
        drawFacts(into: &frame, in: rect.split(top: 1).top, app)
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
        drawRows(layout, into: &frame, in: body.split(top: 1).rest, app)
    }

    /// The rows that pass the filter, with all columns.
    func table(_ app: AppState) -> CSVTable? {
        guard comparison == nil, !table.rows.isEmpty else { return nil }
        let (columns, rows) = (table.columns, table.rows)
        return CSVTable(
            name: "runs", contents: NumberFormat.count(rows.count, of: "run"), head: columns.map(\.key)
        ) { put in
            for row in rows { try put(columns.map(row.plain)) }
        }
    }

    private func drawFacts(into frame: inout Frame, in rect: Rect, _ app: AppState) {
        let column = list.filter.drawAtStart(into: &frame, in: rect)
        let facts = [
            (list.items.count == list.total ? "" : "\(list.items.count) of ")
                + NumberFormat.count(list.total, of: "run"),
            app.marks.isEmpty ? nil : "\(app.marks.count) marked",
            NumberFormat.count(rowCache.points, of: "point"),
        ]
        frame.write(
            facts.compactMap { $0 }.joined(separator: " · ").fitted(to: max(0, rect.columns - column)), row: 0,
            column: column, in: rect, .dim)
    }

    private func drawRows(_ layout: RunTableLayout, into frame: inout Frame, in rect: Rect, _ app: AppState) {
        guard !table.rows.isEmpty else {
            frame.pane("", in: rect, note: "no run passes the filter: Esc clears it")
            return
        }
        for (line, (row, isChosen)) in list.lines(rect.rows).enumerated() {
            drawMark(of: row, line: line, into: &frame, in: rect, app)
            for (place, start, width) in layout.places {
                let column = table.columns[place]
                let text = row.text(column, now: app.now, utcOffset: app.utcOffset)
                frame.write(
                    (column == .name ? text.middleFitted(to: width) : text).padded(to: width, right: column.isNumber),
                    row: line, column: start, in: rect, column == .state ? row.state.style : .text)
            }
            guard isChosen else { continue }
            frame.restyle(Rect(row: rect.row + line, column: rect.column + 2, rows: 1, columns: rect.columns - 2)) {
                _ in
                .selection
            }
        }
    }

    /// Draws the mark of an overlaid run in the colour of its curves; without marks, that of the open run.
    private func drawMark(of row: RunTable.Row, line: Int, into frame: inout Frame, in rect: Rect, _ app: AppState) {
        if let run = app.overlaid.first(where: { $0.path == row.path }) {
            frame.write(app.marks.isEmpty ? "▶" : "●", row: line, in: rect, run.style)
        }
    }
}
