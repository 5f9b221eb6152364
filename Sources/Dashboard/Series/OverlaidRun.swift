import Canvas
import Charts
import EventLog
import Runs

/// A run whose curves are drawn, in a colour of its own.
struct OverlaidRun: Sendable {
    let path: String
    let name: String
    let log: LogSnapshot
    /// From the run's status, or its log.
    let stepsPerEpoch: Double?
    let style: Style

    private static let colours: [Role] = [
        .series1, .series2, .series3, .series4, .series5, .series6, .series7, .series8,
    ]
    /// The most runs in one chart: as many as there are colours.
    static let most = colours.count

    init(_ entry: RunCatalogue.Entry, place: Int) {
        path = entry.directory.path
        name = entry.name
        log = entry.log
        stepsPerEpoch =
            entry.status.flatMap { $0.stepsPerEpoch > 0 ? Double($0.stepsPerEpoch) : nil } ?? entry.log.stepsPerEpoch
        style = Style(Self.colours[place % Self.most])
    }

    init(_ run: RunSnapshot) {
        path = run.directory.path
        name = run.name
        log = run.log
        stepsPerEpoch = run.stepsPerEpoch.map(Double.init) ?? run.log.stepsPerEpoch
        style = Style(Self.colours[0])
    }

    func scale(_ axis: ChartSettings.HorizontalAxis) -> HorizontalScale {
        HorizontalScale(axis: axis, stepsPerEpoch: stepsPerEpoch, start: log.started ?? 0)
    }
}

extension OverlaidRun {
    /// The most marks of commands that a chart shows.
    private static let mostMarks = 40

    /// The marks of commands in a chart, each with its first letter.
    func controlMarks(on scale: HorizontalScale) -> [LineChart.Mark] {
        guard let controls = TextTag.series(Tag.control, in: log) else { return [] }
        return controls.suffix(Self.mostMarks).map { entry in
            let point = ScalarPoint(step: entry.step, wallTime: entry.wallTime, value: 0)
            return LineChart.Mark(x: scale.place(of: point), letter: entry.value.first ?? "?", style: Style(.accent))
        }
    }
}

extension AppState {
    /// The quantity of horizontal axes: epochs only where every drawn run has a known number of steps an epoch.
    var axis: ChartSettings.HorizontalAxis {
        settings.axis == .epoch && !countsEpochs ? .step : settings.axis
    }

    var countsEpochs: Bool { overlaid.allSatisfy { $0.stepsPerEpoch != nil } }

    /// The runs whose curves are drawn: the marked ones, or else the open one.
    var overlaid: [OverlaidRun] {
        guard let workspace else { return [] }
        let marked = marks.compactMap { path in workspace.runs.first { $0.directory.path == path } }
        guard !marked.isEmpty else { return run.map { [OverlaidRun($0)] } ?? [] }
        return marked.prefix(OverlaidRun.most).enumerated().map { OverlaidRun($1, place: $0) }
    }
}

extension LogSnapshot {
    /// Steps an epoch, where the log counts epochs in a scalar `epoch` (Lightning does) or `…/epoch`: the step at which the
    /// newest value was reached for the first time, divided by it. All epochs are taken to be equally long.
    var stepsPerEpoch: Double? {
        let tag = scalars.tags.first { $0 == "epoch" } ?? scalars.tags.first { $0.hasSuffix("/epoch") }
        guard let series = tag.flatMap({ scalars[$0] }), let newest = series.last?.value, newest.isFinite, newest > 0
        else { return nil }
        var (low, high) = (0, series.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if series[middle].value < newest { low = middle + 1 } else { high = middle }
        }
        let step = Double(series[low].step)
        return step > 0 ? step / Double(newest) : nil
    }
}
