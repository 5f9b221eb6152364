import Canvas
import Charts
import EventLog

/// The drawing of the view: the header, the grid of charts, the large chart.
extension Curves {
    func draw(into frame: inout Frame, in rect: Rect, _ app: AppState) {
        guard app.run != nil else {
            NoRunsMessage(folders: app.watchedFolders).draw(into: &frame, in: rect)
            return
        }
        let (top, body) = rect.split(top: 1)
        drawHeader(into: &frame, in: top, app)
        guard !tags.isEmpty else {
            frame.pane("curves", in: body, note: emptyNote(app))
            return
        }
        if isLarge { drawLarge(into: &frame, in: body, app) } else { drawGrid(into: &frame, in: body, app) }
    }

    private func emptyNote(_ app: AppState) -> String {
        if list.total > 0 { return "none of \(list.total) tags passes the filter: Esc clears it" }
        return app.workspace?.isComplete == false
            ? "reading the log …" : "no scalars in this log: add_scalar writes them"
    }

    private func drawGrid(into frame: inout Frame, in rect: Rect, _ app: AppState) {
        let grid = ChartGrid(rect, charts: tags.count)
        let runs = app.overlaid
        let range = xRange(runs, app)
        let page = grid.page(of: index, tags)
        let headings = headings(on: page, grid)
        drawHeadings(headings, grid, into: &frame)
        for (place, tag) in page.enumerated() {
            // All charts of a line begin below its headings, so that they stand level.
            let isBelow = headings.contains { $0.place / grid.columns == place / grid.columns }
            let cell = isBelow ? grid.cells[place].split(top: 1).rest : grid.cells[place]
            var chart = chart(tag, runs, range, app)
            chart.namesAreElsewhere = true
            chart.draw(into: &frame, in: cell)
            guard tag == list.chosen else { continue }
            let title = Rect(row: cell.row, column: cell.column, rows: 1, columns: min(cell.columns, tag.columns))
            frame.restyle(title) { _ in .selection }
        }
    }

    /// The headings of a page: one where a group begins, and one for its first chart. There are none where all tags are
    /// one group or each tag is a group of its own.
    private func headings(on page: [String], _ grid: ChartGrid) -> [(place: Int, group: TagGroup)] {
        guard groups.count > 1, groups.contains(where: { $0.tags.count > 1 }) else { return [] }
        let group = Dictionary(groups.flatMap { group in group.tags.map { ($0, group) } }, uniquingKeysWith: { $1 })
        return page.enumerated().compactMap { place, tag in
            guard let mine = group[tag], place == 0 || mine.tags.first == tag else { return nil }
            return (place, mine)
        }
    }

    /// Draws the headings: the group's name and a line over its charts.
    private func drawHeadings(_ headings: [(place: Int, group: TagGroup)], _ grid: ChartGrid, into frame: inout Frame) {
        let cells = grid.cells
        for (index, (place, group)) in headings.enumerated() {
            let cell = cells[place]
            let lineEnd = (place / grid.columns + 1) * grid.columns - 1
            let next = headings.dropFirst(index + 1).first.map { $0.place - 1 } ?? tags.count
            let last = cells[min(lineEnd, next, place + group.tags.count - 1, cells.count - 1)]
            let room = Rect(
                row: cell.row, column: cell.column, rows: 1, columns: last.column + last.columns - cell.column)
            let title = group.tags.count == 1 ? group.name : "\(group.name) · \(group.tags.count)"
            let end = frame.write(title.fitted(to: max(0, room.columns - 2)) + " ", in: room, Style(.accent, .bold))
            let line = String(repeating: frame.glyphs == .ascii ? "-" : "─", count: max(0, room.columns - end))
            frame.write(line, column: end, in: room, .border)
        }
    }

    private func drawLarge(into frame: inout Frame, in rect: Rect, _ app: AppState) {
        guard var chart = largeChart(app), let tag = list.chosen else { return }
        let readings = readings(of: tag, chart, app)
        let rows = min(readings.count + 1, max(2, rect.rows / 3))
        let (upper, lower) = rect.split(top: rect.rows - rows)
        chart.cursor = cursor
        chart.draw(into: &frame, in: upper)
        CurveReadings(rows: readings, axis: chart.xAxis).draw(into: &frame, in: lower)
    }

    /// The points of the charts on the screen, of all overlaid runs, as far as they are visible.
    func table(_ app: AppState) -> CSVTable? {
        let runs = app.overlaid
        let page = page(in: app.body)
        guard let first = runs.first, !page.isEmpty else { return nil }
        let name = runs.count == 1 ? first.name : "\(runs.count)-runs"
        return .curves(
            name: name + "-" + (page.count == 1 ? page[0] : "curves"), runs, page, axis: app.axis,
            range: xRange(runs, app))
    }

    func largeChart(_ app: AppState) -> LineChart? {
        let runs = app.overlaid
        return list.chosen.map { chart($0, runs, xRange(runs, app), app) }
    }

    private func chart(
        _ tag: String, _ runs: [OverlaidRun], _ range: ClosedRange<Double>, _ app: AppState
    ) -> LineChart {
        // What was logged lies under its average; of several runs only the averages are drawn, which grey would cover.
        var raw: [LineChart.Curve] = []
        var curves: [LineChart.Curve] = []
        for run in runs {
            guard let series = run.log.scalars[tag] else { continue }
            let scale = run.scale(app.axis)
            let label = runs.count > 1 ? run.name : app.settings.smoothing > 0 ? "smoothed" : "now"
            if let average = smoothed[.init(run: run.path, tag: tag)] {
                if runs.count == 1 { raw.append(.raw(series, label: "", style: .dim, on: scale)) }
                curves.append(.smoothed(average, of: series, label: label, style: run.style, on: scale))
            } else {
                curves.append(.raw(series, label: label, style: run.style, on: scale))
            }
        }
        let isLogarithmic = isLogarithmic(tag, app)
        return LineChart(
            title: isLogarithmic ? tag + " · log" : tag, curves: raw + curves, xRange: range,
            yScale: isLogarithmic ? .logarithmic : .linear,
            xAxis: axis(runs, app), marks: runs.flatMap { $0.controlMarks(on: $0.scale(app.axis)) })
    }

    /// Whether a chart's axis is logarithmic: for losses as in the Overview, and `y` toggles it for a chart.
    private func isLogarithmic(_ tag: String, _ app: AppState) -> Bool {
        (app.settings.isLogarithmic && tag.lowercased().contains("loss")) != turned.contains(tag)
    }

    private func axis(_ runs: [OverlaidRun], _ app: AppState) -> TimeAxis {
        let axis = runs.first?.scale(app.axis).effectiveAxis ?? .step
        return axis.chartAxis(utcOffset: app.utcOffset)
    }

    /// The horizontal range of all charts, the same for all, so that simultaneous events align. Zoomed charts take it
    /// from the first run.
    private func xRange(_ runs: [OverlaidRun], _ app: AppState) -> ClosedRange<Double> {
        let window = app.settings.window
        let steps = window.range(first: steps.first, last: steps.last)
        let ranges = (window.isWhole ? runs[...] : runs.prefix(1)).compactMap { run in
            longest(run).map { run.scale(app.axis).range(of: steps, in: $0) }
        }
        guard let low = ranges.map(\.lowerBound).min(), let high = ranges.map(\.upperBound).max() else { return 0...1 }
        return low...high
    }

    func longest(_ run: OverlaidRun) -> ScalarSeries? {
        run.log.scalars.series.max { ($0.last?.step ?? .min, $0.count) < ($1.last?.step ?? .min, $1.count) }
    }

    private func readings(of tag: String, _ chart: LineChart, _ app: AppState) -> [CurveReadings.Row] {
        app.overlaid.compactMap { run in
            guard let series = run.log.scalars[tag] else { return nil }
            return CurveReadings.Row(
                run, series, smoothed[.init(run: run.path, tag: tag)], at: cursor ?? chart.xRange.upperBound,
                on: run.scale(app.axis), utcOffset: app.utcOffset)
        }
    }

    /// Draws the header: filter, facts, and the overlaid runs or the groups.
    private func drawHeader(into frame: inout Frame, in rect: Rect, _ app: AppState) {
        var column = list.filter.drawAtStart(into: &frame, in: rect)
        column = drawFacts(into: &frame, in: rect, column: column, app) + 2
        let runs = app.overlaid
        let isNamed = runs.count > 1 || runs.first?.path != app.run?.directory.path
        for run in runs where isNamed {
            let name = run.name.middleFitted(to: 24)
            guard column + name.columns + 4 <= rect.columns else { break }
            column = frame.write("● ", row: 0, column: column, in: rect, run.style)
            column = frame.write(name, row: 0, column: column, in: rect, .dim) + 2
        }
        guard !isNamed else { return }
        for group in groups {
            guard column + group.name.columns + 6 <= rect.columns else { break }
            let isChosen = list.chosen.map(group.tags.contains) ?? false
            column = frame.write(group.name, row: 0, column: column, in: rect, isChosen ? .title : .dim)
            column = frame.write(" \(group.tags.count)", row: 0, column: column, in: rect, .border) + 2
        }
    }

    private func drawFacts(into frame: inout Frame, in rect: Rect, column: Int, _ app: AppState) -> Int {
        let grid = grid(in: app.body)
        let pages = (tags.count + grid.perPage - 1) / grid.perPage
        let facts = [
            isLarge
                ? "chart \(index + 1) of \(tags.count)"
                : pages > 1 ? "page \(index / grid.perPage + 1) of \(pages)" : nil,
            NumberFormat.count(app.overlaid.reduce(0) { $0 + $1.log.points }) + " points",
            app.settings.smoothing > 0 ? "smoothed \(app.settings.smoothing)" : "raw",
            app.settings.window.isWhole ? nil : app.settings.window.isFollowing ? "following" : "zoomed",
        ]
        return frame.write(
            facts.compactMap { $0 }.joined(separator: " · ").fitted(to: max(0, rect.columns - column)), row: 0,
            column: column, in: rect, .dim)
    }
}
