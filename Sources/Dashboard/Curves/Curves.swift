import Canvas
import Charts
import EventLog

/// View 2: every scalar of the overlaid runs, one chart a tag, in a grid with pages; or one chart large, with a cursor that
/// reads the values of every run.
struct Curves: ListView {
    /// The tags that pass the filter, group by group.
    var list = FilteredList<String>(.returnsToItem)
    private(set) var groups: [TagGroup] = []
    private(set) var isLarge = false
    /// The cursor of the large chart, in units of its horizontal axis; nil at the newest point.
    private(set) var cursor: Double?
    /// Tags whose vertical axis was toggled between linear and logarithmic.
    private(set) var turned: Set<String> = []
    private(set) var smoothed = SmoothedCurves()
    /// The first and the last step of the overlaid runs.
    private(set) var steps: (first: Double, last: Double) = (0, 1)

    var tags: [String] { list.items }
    /// The chosen chart among all.
    var index: Int { list.cursor.index }

    var isBehind: Bool { smoothed.isBehind }

    mutating func refresh(_ app: AppState) {
        let runs = app.overlaid
        refreshTags(runs)
        steps = Self.steps(of: runs)
        let page = page(in: app.body)
        let shown = page.flatMap { tag in
            runs.compactMap { run in
                run.log.scalars[tag].map { (SmoothedCurves.Name(run: run.path, tag: tag), $0) }
            }
        }
        smoothed.extend(shown, weight: app.settings.smoothing)
    }

    private mutating func refreshTags(_ runs: [OverlaidRun]) {
        var seen: Set<String> = []
        let all = runs.flatMap { $0.log.scalars.tags }.filter { seen.insert($0).inserted }
        groups = TagGroup.groups(of: list.filter.passing(all) { .init(name: $0) })
        list.show(groups.flatMap(\.tags), of: all.count)
    }

    /// The range of steps of the runs. It begins at 0 unless the log begins late.
    private static func steps(of runs: [OverlaidRun]) -> (first: Double, last: Double) {
        let series = runs.flatMap { $0.log.scalars.series }
        let first = series.compactMap { $0.first?.step }.min().map(Double.init) ?? 0
        let last = series.compactMap { $0.last?.step }.max().map(Double.init) ?? 1
        return (first < 0 || first > last / 10 ? first : 0, max(last, first + 1))
    }

    /// The tags whose charts are on the screen.
    func page(in body: Rect) -> [String] {
        isLarge ? [list.chosen].compactMap { $0 } : grid(in: body).page(of: index, tags)
    }

    func grid(in body: Rect) -> ChartGrid {
        ChartGrid(body.split(top: 1).rest, charts: tags.count)
    }
}

// MARK: - What the command line asks, and what is remembered

extension Curves {
    mutating func handle(_ request: ViewRequest, _ app: inout AppState) throws(CommandError) -> [Effect]? {
        guard case .tag(let name) = request else { return nil }
        list.choose(try CompletionContext.choice("chart", name, among: tags))
        refresh(app)
        return []
    }

    func save(to memory: inout ScreenMemory) {
        memory.chart = list.chosenID
        memory.turnedCharts = turned.sorted()
    }

    mutating func restore(from memory: ScreenMemory) {
        list.choose(memory.chart)
        turned = Set(memory.turnedCharts)
    }
}

// MARK: - Keys and mouse

extension Curves {
    mutating func update(_ action: KeyAction, _ app: inout AppState) -> [Effect] {
        switch action {
        case .toggleLogarithmic: turn()
        case .previousTag: list.choose(index: index - 1)
        case .nextTag: list.choose(index: index + 1)
        case .previousGroup: chooseGroup(-1)
        case .nextGroup: chooseGroup(1)
        case .panLeft: app.settings.window.pan(forward: false, last: steps.last)
        case .panRight: app.settings.window.pan(forward: true, last: steps.last)
        case .zoomIn: zoom(by: 0.5, &app)
        case .zoomOut: zoom(by: 2, &app)
        case .open: isLarge = !tags.isEmpty
        default: isLarge ? moveCursor(action, &app) : moveChoice(action, app)
        }
        refresh(app)
        return []
    }

    mutating func goBack() -> Bool {
        guard isLarge else { return list.clearFilter() }
        (isLarge, cursor) = (false, nil)
        return true
    }

    private mutating func chooseGroup(_ distance: Int) {
        guard let tag = list.chosen, let now = groups.firstIndex(where: { $0.tags.contains(tag) }) else { return }
        list.choose(groups[min(max(0, now + distance), groups.count - 1)].tags.first)
    }

    private mutating func turn() {
        guard let tag = list.chosen else { return }
        turned.formSymmetricDifference([tag])
    }

    private mutating func moveChoice(_ action: KeyAction, _ app: AppState) {
        let grid = grid(in: app.body)
        switch action {
        case .moveLeft: list.choose(index: index - 1)
        case .moveRight: list.choose(index: index + 1)
        case .moveUp: list.choose(index: index - grid.columns)
        case .moveDown: list.choose(index: index + grid.columns)
        case .pageUp: list.choose(index: index - grid.perPage)
        case .pageDown: list.choose(index: index + grid.perPage)
        case .moveToStart: list.choose(index: 0)
        case .moveToEnd: list.choose(index: tags.count - 1)
        default: break
        }
    }

    private mutating func moveCursor(_ action: KeyAction, _ app: inout AppState) {
        guard let chart = largeChart(app) else { return }
        let range = chart.xRange
        let column = (range.upperBound - range.lowerBound) / Double(max(10, app.body.columns - 6))
        let now = min(max(cursor ?? range.upperBound, range.lowerBound), range.upperBound)
        switch action {
        case .moveLeft: cursor = now - column
        case .moveRight: cursor = now + column
        case .pageUp: cursor = now - 10 * column
        case .pageDown: cursor = now + 10 * column
        case .moveToStart: cursor = range.lowerBound
        case .moveToEnd: cursor = nil
        case .moveUp: zoom(by: 0.5, &app)
        case .moveDown: zoom(by: 2, &app)
        default: break
        }
        keepCursorInSight(range, &app)
    }

    /// Moves the window along with a cursor that leaves it; at the newest point the cursor stays there.
    private mutating func keepCursorInSight(_ range: ClosedRange<Double>, _ app: inout AppState) {
        guard let place = cursor else { return }
        if place < range.lowerBound { app.settings.window.pan(forward: false, last: steps.last) }
        if place > range.upperBound {
            if app.settings.window.isWhole || app.settings.window.isFollowing {
                cursor = nil
            } else {
                app.settings.window.pan(forward: true, last: steps.last)
            }
        }
    }

    /// Zooms around the cursor of the large chart; in the grid, around the middle.
    private mutating func zoom(by factor: Double, _ app: inout AppState) {
        var anchor: Double?
        if isLarge, let cursor, let run = app.overlaid.first, let series = longest(run), !series.isEmpty {
            let place = run.scale(app.axis).index(of: cursor, in: series)
            anchor = Double(series[min(place, series.count - 1)].step)
        }
        app.settings.window.zoom(by: factor, around: anchor, last: steps.last)
    }

    /// The wheel zooms around the pointer.
    mutating func scroll(up: Bool, row: Int, column: Int, _ app: inout AppState) -> [Effect] {
        let range = app.settings.window.range(first: steps.first, last: steps.last)
        let anchor = range.lowerBound + share(row: row, column: column, app) * (range.upperBound - range.lowerBound)
        app.settings.window.zoom(by: up ? 0.8 : 1.25, around: anchor, last: steps.last)
        refresh(app)
        return []
    }

    /// A click chooses a chart, enlarges the chosen one, or puts the large one's cursor there.
    mutating func click(row: Int, column: Int, _ app: inout AppState) -> [Effect] {
        if isLarge {
            guard let range = largeChart(app)?.xRange else { return [] }
            cursor = range.lowerBound + share(row: row, column: column, app) * (range.upperBound - range.lowerBound)
        } else {
            let grid = grid(in: Rect(rows: app.body.rows, columns: app.body.columns))
            guard let place = grid.place(row: row, column: column) else { return [] }
            let next = index / grid.perPage * grid.perPage + place
            if next == index { isLarge = true } else { list.choose(index: next) }
        }
        refresh(app)
        return []
    }

    /// How far to the right a column is in the plot of the chart that it is in: 0 at its left edge, 1 at its right one.
    private func share(row: Int, column: Int, _ app: AppState) -> Double {
        let room = Rect(rows: app.body.rows, columns: app.body.columns)
        let cell = isLarge ? room : grid(in: room).cell(row: row, column: column)
        return min(max(Double(column - cell.column - 6) / Double(max(1, cell.columns - 7)), 0), 1)
    }
}

extension Collection {
    /// The element at an index, or nil if the index is out of range.
    subscript(safe index: Index) -> Element? { indices.contains(index) ? self[index] : nil }
}
