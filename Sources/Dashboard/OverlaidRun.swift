import Canvas
import Charts
import EventLog
import Runs

/// A run whose curves are drawn, in a colour of its own.
struct OverlaidRun: Sendable {
    let path: String
    let name: String
    let log: LogSnapshot
    let stepsPerEpoch: Int?
    let style: Style

    private static let colours: [Role] = [
        .series1, .series2, .series3, .series4, .series5, .series6, .series7, .series8,
    ]
    /// More curves in one chart than there are colours can't be told apart.
    static let most = colours.count

    init(_ entry: RunCatalogue.Entry, place: Int) {
        path = entry.directory.path
        name = entry.name
        log = entry.log
        stepsPerEpoch = entry.status.flatMap { $0.stepsPerEpoch > 0 ? $0.stepsPerEpoch : nil }
        style = Style(Self.colours[place % Self.most])
    }

    init(_ run: RunSnapshot) {
        path = run.directory.path
        name = run.name
        log = run.log
        stepsPerEpoch = run.stepsPerEpoch
        style = Style(Self.colours[0])
    }

    func scale(_ axis: ChartSettings.HorizontalAxis) -> HorizontalScale {
        HorizontalScale(axis: axis, stepsPerEpoch: stepsPerEpoch.map(Double.init), start: log.started ?? 0)
    }
}

extension OverlaidRun {
    /// Marks older than the last so many would cover the curves.
    private static let mostMarks = 40

    /// Where commands were carried out, each with its first letter.
    func controlMarks(on scale: HorizontalScale) -> [LineChart.Mark] {
        guard let controls = TextTag.series(Tag.control, in: log) else { return [] }
        return controls.suffix(Self.mostMarks).map { entry in
            let point = ScalarPoint(step: entry.step, wallTime: entry.wallTime, value: 0)
            return LineChart.Mark(x: scale.place(of: point), letter: entry.value.first ?? "?", style: Style(.accent))
        }
    }
}

extension Desk {
    /// The runs whose curves are drawn: those that are marked, or else the one that is open.
    var overlaid: [OverlaidRun] {
        guard let workspace else { return [] }
        let marked = marks.compactMap { path in workspace.runs.first { $0.directory.path == path } }
        guard !marked.isEmpty else { return run.map { [OverlaidRun($0)] } ?? [] }
        return marked.prefix(OverlaidRun.most).enumerated().map { OverlaidRun($1, place: $0) }
    }
}
