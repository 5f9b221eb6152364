import Canvas
import Charts
import EventLog

/// View 2: every scalar of the overlaid runs, one chart a tag, in a grid with pages; or one chart large, with a cursor that
/// reads the values of every run.
struct Curves: DashboardView {
    /// The tags that pass the filter, group by group.
    private(set) var groups: [TagGroup] = []
    private var chosen: String?
    private var isLarge = false
    /// Where the large chart is read, in units of its horizontal axis; nil is the newest point.
    private var cursor: Double?
    private var filter = FilterField()
    /// Tags whose vertical axis is of the other kind than usual.
    private var turned: Set<String> = []
    private var smoothed = SmoothedCurves()
    /// The first and the last step of what is overlaid.
    private var steps: (first: Double, last: Double) = (0, 1)
    private var allTags = 0

    private var tags: [String] { groups.flatMap(\.tags) }
    private var index: Int { chosen.flatMap { tags.firstIndex(of: $0) } ?? 0 }

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

    private func grid(in body: Rect) -> ChartGrid {
        ChartGrid(body.split(top: 1).rest, charts: tags.count)
    }
}

// MARK: - Keys and mouse

extension Curves {
    mutating func type(_ key: Key, _ desk: inout Desk) -> [Effect]? {
        guard filter.update(key) else { return nil }
        follow(desk)
        return []
    }

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
            let place = run.scale(desk.settings.axis).index(of: cursor, in: series)
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

// MARK: - The picture

extension Curves {
    func draw(into frame: inout Frame, in rect: Rect, _ desk: Desk) {
        guard desk.run != nil else {
            EmptyPlace(place: desk.place).draw(into: &frame, in: rect)
            return
        }
        let (top, body) = rect.split(top: 1)
        drawHeader(into: &frame, in: top, desk)
        guard !tags.isEmpty else {
            frame.pane("curves", in: body, note: emptyNote(desk))
            return
        }
        if isLarge { drawLarge(into: &frame, in: body, desk) } else { drawGrid(into: &frame, in: body, desk) }
    }

    private func emptyNote(_ desk: Desk) -> String {
        if allTags > 0 { return "none of \(allTags) tags passes the filter: Esc clears it" }
        return desk.workspace?.isComplete == false
            ? "reading the log …" : "no scalars in this log: add_scalar writes them"
    }

    private func drawGrid(into frame: inout Frame, in rect: Rect, _ desk: Desk) {
        let grid = ChartGrid(rect, charts: tags.count)
        let runs = desk.overlaid
        let range = xRange(runs, desk)
        for (cell, tag) in zip(grid.cells, grid.page(of: index, tags)) {
            chart(tag, runs, range, desk).draw(into: &frame, in: cell)
            guard tag == tags[safe: index] else { continue }
            let title = Rect(row: cell.row, column: cell.column, rows: 1, columns: min(cell.columns, tag.columns))
            frame.restyle(title) { _ in .selection }
        }
    }

    private func drawLarge(into frame: inout Frame, in rect: Rect, _ desk: Desk) {
        guard var chart = largeChart(desk), let tag = tags[safe: index] else { return }
        let readings = readings(of: tag, chart, desk)
        let rows = min(readings.count + 1, max(2, rect.rows / 3))
        let (upper, lower) = rect.split(top: rect.rows - rows)
        chart.cursor = cursor
        chart.draw(into: &frame, in: upper)
        CurveReadings(rows: readings, axis: chart.xAxis).draw(into: &frame, in: lower)
    }

    private func largeChart(_ desk: Desk) -> LineChart? {
        let runs = desk.overlaid
        return tags[safe: index].map { chart($0, runs, xRange(runs, desk), desk) }
    }

    private func chart(
        _ tag: String, _ runs: [OverlaidRun], _ range: ClosedRange<Double>, _ desk: Desk
    ) -> LineChart {
        var curves: [LineChart.Curve] = []
        for run in runs {
            guard let series = run.log.scalars[tag] else { continue }
            let scale = run.scale(desk.settings.axis)
            let label = runs.count > 1 ? run.name : desk.settings.smoothing > 0 ? "smoothed" : "now"
            if let average = smoothed[.init(run: run.path, tag: tag)] {
                curves.append(.raw(series, label: "", style: .dim, on: scale))
                curves.append(.smoothed(average, of: series, label: label, style: run.style, on: scale))
            } else {
                curves.append(.raw(series, label: label, style: run.style, on: scale))
            }
        }
        let isLogarithmic = isLogarithmic(tag, desk)
        return LineChart(
            title: isLogarithmic ? tag + " · log" : tag, curves: curves, xRange: range,
            yScale: isLogarithmic ? .logarithmic : .linear,
            xAxis: axis(runs, desk), marks: runs.flatMap { $0.controlMarks(on: $0.scale(desk.settings.axis)) })
    }

    /// Losses are drawn as the Overview draws them; `y` turns a chart's axis.
    private func isLogarithmic(_ tag: String, _ desk: Desk) -> Bool {
        (desk.settings.isLogarithmic && tag.lowercased().contains("loss")) != turned.contains(tag)
    }

    private func axis(_ runs: [OverlaidRun], _ desk: Desk) -> TimeAxis {
        let axis = runs.first?.scale(desk.settings.axis).effectiveAxis ?? .step
        return axis.chartAxis(utcOffset: desk.utcOffset)
    }

    /// The same stretch in all charts, so that what happened at one time stands in one column: of all runs while all of
    /// them is shown, else as the first run places the steps.
    private func xRange(_ runs: [OverlaidRun], _ desk: Desk) -> ClosedRange<Double> {
        let window = desk.settings.window
        let steps = window.range(first: steps.first, last: steps.last)
        let ranges = (window.isWhole ? runs[...] : runs.prefix(1)).compactMap { run in
            longest(run).map { run.scale(desk.settings.axis).range(of: steps, in: $0) }
        }
        guard let low = ranges.map(\.lowerBound).min(), let high = ranges.map(\.upperBound).max() else { return 0...1 }
        return low...high
    }

    private func longest(_ run: OverlaidRun) -> ScalarSeries? {
        run.log.scalars.series.max { ($0.last?.step ?? .min, $0.count) < ($1.last?.step ?? .min, $1.count) }
    }

    private func readings(of tag: String, _ chart: LineChart, _ desk: Desk) -> [CurveReadings.Row] {
        desk.overlaid.compactMap { run in
            guard let series = run.log.scalars[tag] else { return nil }
            return CurveReadings.Row(
                run, series, smoothed[.init(run: run.path, tag: tag)], at: cursor ?? chart.xRange.upperBound,
                on: run.scale(desk.settings.axis), utcOffset: desk.utcOffset)
        }
    }

    /// The groups, how much there is, and what is overlaid.
    private func drawHeader(into frame: inout Frame, in rect: Rect, _ desk: Desk) {
        var column = filter.draw(into: &frame, row: 0, column: 0, in: rect)
        if column > 0 { column += 2 }
        column = drawFacts(into: &frame, in: rect, column: column, desk) + 2
        let runs = desk.overlaid
        for run in runs where runs.count > 1 {
            let name = run.name.fitted(to: 24)
            guard column + name.columns + 4 <= rect.columns else { break }
            column = frame.write("● ", row: 0, column: column, in: rect, run.style)
            column = frame.write(name, row: 0, column: column, in: rect, .dim) + 2
        }
        guard runs.count <= 1 else { return }
        for group in groups {
            guard column + group.name.columns + 6 <= rect.columns else { break }
            let isChosen = tags[safe: index].map(group.tags.contains) ?? false
            column = frame.write(group.name, row: 0, column: column, in: rect, isChosen ? .title : .dim)
            column = frame.write(" \(group.tags.count)", row: 0, column: column, in: rect, .border) + 2
        }
    }

    private func drawFacts(into frame: inout Frame, in rect: Rect, column: Int, _ desk: Desk) -> Int {
        let grid = grid(in: desk.body)
        let pages = (tags.count + grid.perPage - 1) / grid.perPage
        let facts = [
            isLarge
                ? "chart \(index + 1) of \(tags.count)"
                : pages > 1 ? "page \(index / grid.perPage + 1) of \(pages)" : nil,
            NumberFormat.count(desk.overlaid.reduce(0) { $0 + $1.log.points }) + " points",
            desk.settings.smoothing > 0 ? "smoothed \(desk.settings.smoothing)" : "raw",
            desk.settings.window.isWhole ? nil : desk.settings.window.isFollowing ? "following" : "zoomed",
        ]
        return frame.write(
            facts.compactMap { $0 }.joined(separator: " · ").fitted(to: max(0, rect.columns - column)), row: 0,
            column: column, in: rect, .dim)
    }
}

extension Collection {
    /// The element at a place, if there is such a place.
    subscript(safe index: Index) -> Element? { indices.contains(index) ? self[index] : nil }
}
