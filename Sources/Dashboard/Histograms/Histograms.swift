import Canvas
import Charts
import Runs

/// View 4: distributions and how they changed: for each tag with histograms or vectors the whole time as ridges or as a
/// heat map, and one moment large with its quantiles.
struct Histograms: ListView {
    /// The tags with histograms or vectors.
    var list = FilteredList<String>()
    private var isHeatMap = false
    private var isLarge = false
    /// How many moments before the newest one is shown large.
    private var momentsBack = 0

    private var chosen: String? { list.chosenID }

    mutating func refresh(_ app: AppState) {
        guard let log = app.run?.log else { return }
        let all = (log.histograms.tags + log.tensors.tags.filter { log.histograms[$0] == nil })
            .filter { !LoggedLayer.Fact.isNamed(by: $0) }
        list.show(all) { .init(name: $0) }
        if let chosen, let series = DistributionSeries(chosen, in: log) {
            momentsBack = min(momentsBack, max(0, series.count - 1))
        }
    }

    mutating func update(_ action: KeyAction, _ app: inout AppState) -> [Effect] {
        switch action {
        case .open: isLarge.toggle()
        case .toggleHeatMap: isHeatMap.toggle()
        case .moveLeft: momentsBack += 1
        case .moveRight: momentsBack = max(0, momentsBack - 1)
        case .previousTag: list.move(.moveUp)
        case .nextTag: list.move(.moveDown)
        default: list.move(action)
        }
        refresh(app)
        return []
    }

    mutating func goBack() -> Bool {
        guard isLarge else { return list.clearFilter() }
        isLarge = false
        return true
    }

    mutating func click(row: Int, column: Int, _ app: inout AppState) -> [Effect] {
        let room = HistogramsLayout(Rect(rows: app.body.rows, columns: app.body.columns), isLarge: isLarge).list
        if room.contains(row: row, column: column) { list.click(line: row - room.row, rows: room.rows) }
        return []
    }
}

// MARK: - What the command line asks, and what is remembered

extension Histograms {
    mutating func handle(_ request: ViewRequest, _ app: inout AppState) throws(CommandError) -> [Effect]? {
        guard case .tag(let name) = request else { return nil }
        list.choose(try CompletionContext.choice("histogram", name, among: list.items))
        refresh(app)
        return []
    }

    func save(to memory: inout ScreenMemory) {
        memory.histogram = chosen
        memory.isHeatMap = isHeatMap
    }

    mutating func restore(from memory: ScreenMemory) {
        list.choose(memory.histogram)
        isHeatMap = memory.isHeatMap
    }
}

// MARK: - The picture

extension Histograms {
    func draw(into frame: inout Frame, in rect: Rect, _ app: AppState) {
        guard let run = app.run else {
            NoRunsMessage(folders: app.watchedFolders).draw(into: &frame, in: rect)
            return
        }
        let layout = HistogramsLayout(rect, isLarge: isLarge)
        drawFacts(into: &frame, in: layout.facts)
        guard !list.items.isEmpty else {
            let note =
                list.total > 0
                ? "none of \(list.total) tags passes the filter: Esc clears it"
                : "no histograms in this log: add_histogram writes them"
            frame.pane("histograms", in: rect.split(top: 1).rest, note: note)
            return
        }
        drawList(into: &frame, in: layout.list)
        guard let chosen, let series = DistributionSeries(chosen, in: run.log) else { return }
        drawHistory(series, run, into: &frame, in: layout.history, app)
        drawMoment(series, into: &frame, in: layout.moment)
    }

    /// The buckets of the chosen tag as logged, of all moments or, where one is enlarged, of that one.
    func table(_ app: AppState) -> CSVTable? {
        guard let run = app.run, let chosen, let series = DistributionSeries(chosen, in: run.log) else { return nil }
        let newest = max(0, series.count - 1 - momentsBack)
        let shown = isLarge ? newest..<newest + 1 : 0..<series.count
        return CSVTable(
            name: "\(run.name)-\(chosen)",
            contents: NumberFormat.count(shown.count, of: "moment") + " of \(chosen)",
            head: ["run", "tag", "step", "wall_time", "low", "high", "count"]
        ) { put in
            for index in shown {
                let moment = series.moment(index)
                let bins = series.bins(index)
                for (place, count) in bins.counts.enumerated() {
                    try put([
                        run.name, chosen, "\(moment.step)", "\(moment.wallTime)", "\(bins.edges[place])",
                        "\(bins.edges[place + 1])", "\(count)",
                    ])
                }
            }
        }
    }

    private func drawFacts(into frame: inout Frame, in rect: Rect) {
        let column = list.filter.drawAtStart(into: &frame, in: rect)
        let shown = list.items.count == list.total ? "" : "\(list.items.count) of "
        let count = shown + "\(list.total) tags"
        let text = count + (isHeatMap ? " · heat map" : " · ridges")
        frame.write(text.fitted(to: max(0, rect.columns - column)), row: 0, column: column, in: rect, .dim)
    }

    private func drawList(into frame: inout Frame, in rect: Rect) {
        for (row, line) in list.lines(rect.rows).enumerated() {
            frame.write(
                line.item.endFitted(to: rect.columns).padded(to: rect.columns), row: row, in: rect,
                line.isChosen ? .selection : .text)
        }
    }

    private func drawHistory(
        _ series: DistributionSeries, _ run: RunSnapshot, into frame: inout Frame, in rect: Rect, _ app: AppState
    ) {
        guard !rect.isEmpty else { return }
        let scale = OverlaidRun(run).scale(app.axis)
        let places = { (index: Int) in series.place(index, on: scale) }
        let last = series.count - 1
        let range = places(0)...max(places(last), places(0))
        let shown = series.spread(over: rect.columns, on: scale, in: range)
        let history = HistogramHistory(
            title: series.tag + " over time",
            moments: shown.map { index in
                let bins = series.bins(index)
                return .init(time: places(index), edges: bins.edges, counts: bins.counts)
            }, xRange: range, xAxis: scale.effectiveAxis.chartAxis(utcOffset: app.utcOffset), style: series.style)
        if isHeatMap { history.drawHeatMap(into: &frame, in: rect) } else { history.drawRidges(into: &frame, in: rect) }
    }

    /// Draws one moment large, the newest or an earlier one, with quantiles below.
    private func drawMoment(_ series: DistributionSeries, into frame: inout Frame, in rect: Rect) {
        let index = max(0, series.count - 1 - momentsBack)
        let bins = series.bins(index, atMost: max(4, min(rect.columns - 8, 80)))
        let place = momentsBack == 0 ? "newest" : "\(momentsBack) before the newest"
        let chart = HistogramChart(
            title: "\(series.tag) · step \(series.step(index)) · \(place)", edges: bins.edges, counts: bins.counts,
            style: series.style, mean: bins.mean, standardDeviation: bins.standardDeviation)
        let (upper, lower) = rect.split(top: rect.rows - 2)
        chart.draw(into: &frame, in: upper)
        let room = lower.columns / QuantileLines.width
        QuantileLines(quantiles: series.quantiles(index, atMost: room)).draw(into: &frame, in: lower)
    }
}
