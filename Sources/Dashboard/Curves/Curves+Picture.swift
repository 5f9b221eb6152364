import Canvas
import Charts
import EventLog

/// How the view is drawn: the header, the grid of charts, the large one.
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
        let page = grid.page(of: index, tags)
        let headings = headings(on: page, grid)
        drawHeadings(headings, grid, into: &frame)
        for (place, tag) in page.enumerated() {
            // All charts of a line begin below its headings, so that they stand level.
            let isBelow = headings.contains { $0.place / grid.columns == place / grid.columns }
            let cell = isBelow ? grid.cells[place].split(top: 1).rest : grid.cells[place]
            var chart = chart(tag, runs, range, desk)
            chart.namesAreElsewhere = true
            chart.draw(into: &frame, in: cell)
            guard tag == tags[safe: index] else { continue }
            let title = Rect(row: cell.row, column: cell.column, rows: 1, columns: min(cell.columns, tag.columns))
            frame.restyle(title) { _ in .selection }
        }
    }

    /// Where groups begin on a page, and its first chart, which may be in the middle of one; none where all tags are one
    /// group or each tag is a group of its own.
    private func headings(on page: [String], _ grid: ChartGrid) -> [(place: Int, group: TagGroup)] {
        guard groups.count > 1, groups.contains(where: { $0.tags.count > 1 }) else { return [] }
        let group = Dictionary(groups.flatMap { group in group.tags.map { ($0, group) } }, uniquingKeysWith: { $1 })
        return page.enumerated().compactMap { place, tag in
            guard let mine = group[tag], place == 0 || mine.tags.first == tag else { return nil }
            return (place, mine)
        }
    }

    /// The group's name and a line as far as its charts go.
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

    private func drawLarge(into frame: inout Frame, in rect: Rect, _ desk: Desk) {
        guard var chart = largeChart(desk), let tag = tags[safe: index] else { return }
        let readings = readings(of: tag, chart, desk)
        let rows = min(readings.count + 1, max(2, rect.rows / 3))
        let (upper, lower) = rect.split(top: rect.rows - rows)
        chart.cursor = cursor
        chart.draw(into: &frame, in: upper)
        CurveReadings(rows: readings, axis: chart.xAxis).draw(into: &frame, in: lower)
    }

    /// The charts that are on the screen, of all runs that they show, as far as they show them.
    func table(_ desk: Desk) -> ShownTable? {
        let runs = desk.overlaid
        let page = isLarge ? [tags[safe: index]].compactMap { $0 } : grid(in: desk.body).page(of: index, tags)
        guard let first = runs.first, !page.isEmpty else { return nil }
        let name = runs.count == 1 ? first.name : "\(runs.count)-runs"
        return .curves(
            name: name + "-" + (page.count == 1 ? page[0] : "curves"), runs, page, axis: desk.axis,
            range: xRange(runs, desk))
    }

    func largeChart(_ desk: Desk) -> LineChart? {
        let runs = desk.overlaid
        return tags[safe: index].map { chart($0, runs, xRange(runs, desk), desk) }
    }

    private func chart(
        _ tag: String, _ runs: [OverlaidRun], _ range: ClosedRange<Double>, _ desk: Desk
    ) -> LineChart {
        // What was logged lies under its average; of several runs only the averages are drawn, which grey would cover.
        var raw: [LineChart.Curve] = []
        var curves: [LineChart.Curve] = []
        for run in runs {
            guard let series = run.log.scalars[tag] else { continue }
            let scale = run.scale(desk.axis)
            let label = runs.count > 1 ? run.name : desk.settings.smoothing > 0 ? "smoothed" : "now"
            if let average = smoothed[.init(run: run.path, tag: tag)] {
                if runs.count == 1 { raw.append(.raw(series, label: "", style: .dim, on: scale)) }
                curves.append(.smoothed(average, of: series, label: label, style: run.style, on: scale))
            } else {
                curves.append(.raw(series, label: label, style: run.style, on: scale))
            }
        }
        let isLogarithmic = isLogarithmic(tag, desk)
        return LineChart(
            title: isLogarithmic ? tag + " · log" : tag, curves: raw + curves, xRange: range,
            yScale: isLogarithmic ? .logarithmic : .linear,
            xAxis: axis(runs, desk), marks: runs.flatMap { $0.controlMarks(on: $0.scale(desk.axis)) })
    }

    /// Losses are drawn as the Overview draws them; `y` turns a chart's axis.
    private func isLogarithmic(_ tag: String, _ desk: Desk) -> Bool {
        (desk.settings.isLogarithmic && tag.lowercased().contains("loss")) != turned.contains(tag)
    }

    private func axis(_ runs: [OverlaidRun], _ desk: Desk) -> TimeAxis {
        let axis = runs.first?.scale(desk.axis).effectiveAxis ?? .step
        return axis.chartAxis(utcOffset: desk.utcOffset)
    }

    /// The same stretch in all charts, so that what happened at one time stands in one column: of all runs while all of
    /// them is shown, else as the first run places the steps.
    private func xRange(_ runs: [OverlaidRun], _ desk: Desk) -> ClosedRange<Double> {
        let window = desk.settings.window
        let steps = window.range(first: steps.first, last: steps.last)
        let ranges = (window.isWhole ? runs[...] : runs.prefix(1)).compactMap { run in
            longest(run).map { run.scale(desk.axis).range(of: steps, in: $0) }
        }
        guard let low = ranges.map(\.lowerBound).min(), let high = ranges.map(\.upperBound).max() else { return 0...1 }
        return low...high
    }

    func longest(_ run: OverlaidRun) -> ScalarSeries? {
        run.log.scalars.series.max { ($0.last?.step ?? .min, $0.count) < ($1.last?.step ?? .min, $1.count) }
    }

    private func readings(of tag: String, _ chart: LineChart, _ desk: Desk) -> [CurveReadings.Row] {
        desk.overlaid.compactMap { run in
            guard let series = run.log.scalars[tag] else { return nil }
            return CurveReadings.Row(
                run, series, smoothed[.init(run: run.path, tag: tag)], at: cursor ?? chart.xRange.upperBound,
                on: run.scale(desk.axis), utcOffset: desk.utcOffset)
        }
    }

    /// The groups, how much there is, and what is overlaid.
    private func drawHeader(into frame: inout Frame, in rect: Rect, _ desk: Desk) {
        var column = filter.draw(into: &frame, row: 0, column: 0, in: rect)
        if column > 0 { column += 2 }
        column = drawFacts(into: &frame, in: rect, column: column, desk) + 2
        let runs = desk.overlaid
        let isNamed = runs.count > 1 || runs.first?.path != desk.run?.directory.path
        for run in runs where isNamed {
            let name = run.name.middleFitted(to: 24)
            guard column + name.columns + 4 <= rect.columns else { break }
            column = frame.write("● ", row: 0, column: column, in: rect, run.style)
            column = frame.write(name, row: 0, column: column, in: rect, .dim) + 2
        }
        guard !isNamed else { return }
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
