import Canvas
import Charts
import EventLog

/// View 2: every scalar of the overlaid runs, one chart a tag, in a grid with pages; or one chart large, with a cursor that
/// reads the values of every run.
struct Curves: DashboardView {
    /// The tags that pass the filter, group by group.
    private(set) var groups: [TagGroup] = []
    private(set) var chosen: String?
    private(set) var isLarge = false
    /// Where the large chart is read, in units of its horizontal axis; nil is the newest point.
    private(set) var cursor: Double?
    private(set) var filter = FilterField()
    /// Tags whose vertical axis is of the other kind than usual.
    private(set) var turned: Set<String> = []
    private(set) var smoothed = SmoothedCurves()
    /// The first and the last step of what is overlaid.
    private(set) var steps: (first: Double, last: Double) = (0, 1)
    private(set) var allTags = 0

    var tags: [String] { groups.flatMap(\.tags) }
    var index: Int { chosen.flatMap { tags.firstIndex(of: $0) } ?? 0 }

    var isBehind: Bool { smoothed.isBehind }

    mutating func follow(_ desk: Desk) {
        let runs = desk.overlaid
        refreshTags(runs)
        steps = Self.steps(of: runs)
        let page = isLarge ? [tags[safe: index]].compactMap { $0 } : grid(in: desk.body).page(of: index, tags)
        let shown = page.flatMap { tag in
            runs.compactMap { run in
                run.log.scalars[tag].map { (SmoothedCurves.Name(run: run.path, tag: tag), $0) }
            }
        }
        smoothed.extend(shown, weight: desk.settings.smoothing)
    }

    private mutating func refreshTags(_ runs: [OverlaidRun]) {
        var seen: Set<String> = []
        let all = runs.flatMap { $0.log.scalars.tags }.filter { seen.insert($0).inserted }
        allTags = all.count
        let wanted = ListFilter(filter.text)
        groups = TagGroup.groups(of: filter.isEmpty ? all : all.filter { wanted.matches(.init(name: $0)) })
    }

    /// A log that begins late is not squeezed into the end of an axis that begins at 0.
    private static func steps(of runs: [OverlaidRun]) -> (first: Double, last: Double) {
        let series = runs.flatMap { $0.log.scalars.series }
        let first = series.compactMap { $0.first?.step }.min().map(Double.init) ?? 0
        let last = series.compactMap { $0.last?.step }.max().map(Double.init) ?? 1
        return (first < 0 || first > last / 10 ? first : 0, max(last, first + 1))
    }

    func grid(in body: Rect) -> ChartGrid {
        ChartGrid(body.split(top: 1).rest, charts: tags.count)
    }
}

// MARK: - What the command line asks, and what is remembered

extension Curves {
    var listFilter: FilterField? {
        get { filter }
        set { if let newValue { filter = newValue } }
    }

    mutating func fulfil(_ wish: Wish, _ desk: inout Desk) throws(CommandProblem) -> [Effect]? {
        guard case .tag(let name) = wish else { return nil }
        chosen = try Vocabulary.choice("chart", name, among: tags)
        follow(desk)
        return []
    }

    func remember(in memory: inout ScreenMemory) {
        memory.chart = chosen
        memory.turnedCharts = turned.sorted()
    }

    mutating func recall(_ memory: ScreenMemory) {
        chosen = memory.chart
        turned = Set(memory.turnedCharts)
    }
}

// MARK: - Keys and mouse

extension Curves {
    mutating func update(_ action: Action, _ desk: inout Desk) -> [Effect] {
        switch action {
        case .filter: filter.begin()
        case .toggleLogarithmic: turn()
        case .previousTag: choose(index - 1)
        case .nextTag: choose(index + 1)
        case .previousGroup: chooseGroup(-1)
        case .nextGroup: chooseGroup(1)
        case .panLeft: desk.settings.window.pan(forward: false, last: steps.last)
        case .panRight: desk.settings.window.pan(forward: true, last: steps.last)
        case .zoomIn: zoom(by: 0.5, &desk)
        case .zoomOut: zoom(by: 2, &desk)
        case .open: isLarge = !tags.isEmpty
        case .back: goBack(&desk)
        default: isLarge ? moveCursor(action, &desk) : moveChoice(action, desk)
        }
        follow(desk)
        return []
    }

    private mutating func goBack(_ desk: inout Desk) {
        if isLarge {
            (isLarge, cursor) = (false, nil)
        } else if !filter.isEmpty {
            filter.clear()
        } else {
            desk.view = .overview
        }
    }

    private mutating func choose(_ index: Int) {
        let tags = tags
        chosen = tags[safe: min(max(0, index), tags.count - 1)]
    }

    private mutating func chooseGroup(_ distance: Int) {
        guard let tag = tags[safe: index], let now = groups.firstIndex(where: { $0.tags.contains(tag) }) else { return }
        chosen = groups[min(max(0, now + distance), groups.count - 1)].tags.first
    }

    private mutating func turn() {
        guard let tag = tags[safe: index] else { return }
        turned.formSymmetricDifference([tag])
    }

    private mutating func moveChoice(_ action: Action, _ desk: Desk) {
        let grid = grid(in: desk.body)
        switch action {
        case .moveLeft: choose(index - 1)
        case .moveRight: choose(index + 1)
        case .moveUp: choose(index - grid.columns)
        case .moveDown: choose(index + grid.columns)
        case .pageUp: choose(index - grid.perPage)
        case .pageDown: choose(index + grid.perPage)
        case .moveToStart: choose(0)
        case .moveToEnd: choose(tags.count - 1)
        default: break
        }
    }

    private mutating func moveCursor(_ action: Action, _ desk: inout Desk) {
        guard let chart = largeChart(desk) else { return }
        let range = chart.xRange
        let column = (range.upperBound - range.lowerBound) / Double(max(10, desk.body.columns - 6))
        let now = min(max(cursor ?? range.upperBound, range.lowerBound), range.upperBound)
        switch action {
        case .moveLeft: cursor = now - column
        case .moveRight: cursor = now + column
        case .pageUp: cursor = now - 10 * column
        case .pageDown: cursor = now + 10 * column
        case .moveToStart: cursor = range.lowerBound
        case .moveToEnd: cursor = nil
        case .moveUp: zoom(by: 0.5, &desk)
        case .moveDown: zoom(by: 2, &desk)
        default: break
        }
        keepCursorInSight(range, &desk)
    }

    /// A cursor that leaves the window takes the window along; at the newest point it stays there.
    private mutating func keepCursorInSight(_ range: ClosedRange<Double>, _ desk: inout Desk) {
        guard let place = cursor else { return }
        if place < range.lowerBound { desk.settings.window.pan(forward: false, last: steps.last) }
        if place > range.upperBound {
            if desk.settings.window.isWhole || desk.settings.window.isFollowing {
                cursor = nil
            } else {
                desk.settings.window.pan(forward: true, last: steps.last)
            }
        }
    }

    /// Around the cursor of the large chart; the grid's charts around their middle.
    private mutating func zoom(by factor: Double, _ desk: inout Desk) {
        var anchor: Double?
        if isLarge, let cursor, let run = desk.overlaid.first, let series = longest(run), !series.isEmpty {
            let place = run.scale(desk.axis).index(of: cursor, in: series)
            anchor = Double(series[min(place, series.count - 1)].step)
        }
        desk.settings.window.zoom(by: factor, around: anchor, last: steps.last)
    }

    /// The wheel zooms around the pointer; a press chooses a chart, or puts the cursor there.
    mutating func point(_ pointer: Pointer, _ desk: inout Desk) -> [Effect] {
        let room = Rect(rows: desk.body.rows, columns: desk.body.columns)
        let cell = isLarge ? room : grid(in: room).cell(row: pointer.row, column: pointer.column)
        let share = min(max(Double(pointer.column - cell.column - 6) / Double(max(1, cell.columns - 7)), 0), 1)
        switch pointer.action {
        case .wheelUp, .wheelDown:
            let range = desk.settings.window.range(first: steps.first, last: steps.last)
            let anchor = range.lowerBound + share * (range.upperBound - range.lowerBound)
            desk.settings.window.zoom(by: pointer.action == .wheelUp ? 0.8 : 1.25, around: anchor, last: steps.last)
        case .press where isLarge:
            guard let range = largeChart(desk)?.xRange else { return [] }
            cursor = range.lowerBound + share * (range.upperBound - range.lowerBound)
        case .press:
            let grid = grid(in: room)
            guard let place = grid.place(row: pointer.row, column: pointer.column) else { return [] }
            let next = index / grid.perPage * grid.perPage + place
            if next == index { isLarge = true } else { choose(next) }
        }
        follow(desk)
        return []
    }
}

extension Collection {
    /// The element at a place, if there is such a place.
    subscript(safe index: Index) -> Element? { indices.contains(index) ? self[index] : nil }
}
