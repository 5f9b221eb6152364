import Canvas
import Diagnosis
import EventLog
import Runs

/// View 3: every normalization layer of the open run with its health at a glance, and the chosen one's channels as
/// pictures, now and over time.
///
/// Two cursors walk it: one over layers, one over the chosen layer's channels. A third place is the moment: the newest, or
/// an earlier one that was gone back to.
struct BatchNorm: ListView {
    /// The panes of the view, in Tab order.
    enum Pane: Int, CaseIterable {
        case layers, mean, variance, weight, bias
    }

    private var directory: RunDirectory?
    var list = FilteredList<LoggedLayer>()
    private(set) var health = LayerHealthCache()
    private(set) var channel = 0
    private(set) var pane = Pane.layers
    private(set) var isLarge = false
    private(set) var isHistory = false
    private(set) var isWorstFirst = false
    /// The number of columns of the list that are scrolled out to the left.
    private(set) var columnShift = 0
    /// The step that is shown; nil for the newest.
    private(set) var step: Int64?

    var chosen: LoggedLayer? { list.chosen }

    // MARK: - What arrives

    mutating func refresh(_ app: AppState) {
        guard let run = app.run else { return }
        if run.directory != directory {
            let filter = list.filter
            self = BatchNorm()
            list.filter = filter
        }
        directory = run.directory
        health.extend(run.layers, first: chosen ?? run.layers.first, in: run.log)
        arrange(run.layers)
        clampChannel()
    }

    var isBehind: Bool { health.isBehind }

    private mutating func arrange(_ all: [LoggedLayer]) {
        var layers = all
        if isWorstFirst {
            let ranks = layers.map { LayerRank(health[$0.name]) }
            layers = layers.indices.sorted { (ranks[$1], $0) < (ranks[$0], $1) }.map { layers[$0] }
        }
        list.show(layers) { .init(name: $0.name) }
    }

    private var channels: Int { chosen.flatMap { health[$0.name]?.channels } ?? 0 }

    private mutating func clampChannel() { channel = max(0, min(channel, channels - 1)) }

    /// The chosen layer's channels at the step that is shown, a row for each; quantities that the log lacks stay empty.
    func table(_ app: AppState) -> CSVTable? {
        guard let run = app.run, let chosen, channels > 0 else { return nil }
        let quantities = LoggedLayer.Quantity.allCases
        let moment = LayerMoment(chosen, in: run.log, at: step), count = channels
        return CSVTable(
            name: "\(run.name)-\(chosen.name)", contents: "\(count) channels of \(chosen.name)",
            head: ["run", "layer", "channel"] + quantities.map(\.rawValue)
        ) { put in
            let columns = quantities.map(moment.values)
            for channel in 0..<count {
                let values = columns.map { $0[safe: channel].map { "\($0)" } ?? "" }
                try put([run.name, chosen.name, "\(channel)"] + values)
            }
        }
    }

    // MARK: - What the command line asks

    mutating func handle(_ request: ViewRequest, _ app: inout AppState) throws(CommandError) -> [Effect]? {
        guard case .layer(let name) = request else { return nil }
        list.choose(try CompletionContext.choice("normalization layer", name, among: list.items.map(\.name)))
        refresh(app)
        return []
    }

    // MARK: - Keys

    mutating func update(_ action: KeyAction, _ app: inout AppState) -> [Effect] {
        switch action {
        case .nextPane: move(pane: 1)
        case .previousPane: move(pane: -1)
        case .open: isLarge.toggle()
        case .sort: sort(app)
        case .toggleHeatMap: isHistory.toggle()
        case .panLeft: moveMoment(-1, app)
        case .panRight: moveMoment(1, app)
        case .moveLeft, .moveRight, .previousTen, .nextTen: moveSideways(action)
        case .previousMatch: findChannel(forward: false)
        case .nextMatch: findChannel(forward: true)
        case .previousLayer: list.move(.moveUp)
        case .nextLayer: list.move(.moveDown)
        default: list.move(action)
        }
        refresh(app)
        return []
    }

    /// Toggles the order by health, and chooses the worst layer when it is turned on.
    private mutating func sort(_ app: AppState) {
        isWorstFirst.toggle()
        guard isWorstFirst, let run = app.run else { return }
        arrange(run.layers)
        list.move(.moveToStart)
    }

    private mutating func move(pane distance: Int) {
        let count = Pane.allCases.count
        pane = Pane.allCases[(pane.rawValue + distance + count) % count]
    }

    mutating func goBack() -> Bool {
        if isLarge {
            isLarge = false
        } else if !list.clearFilter() {
            defer { step = nil }
            return step != nil
        }
        return true
    }

    /// Moves between channels; in the enlarged list, between columns.
    private mutating func moveSideways(_ action: KeyAction) {
        let forward = action == .moveRight || action == .nextTen
        let distance = action == .previousTen || action == .nextTen ? 10 : 1
        if isLarge, pane == .layers {
            let last = LayerTable.columnCount(withRanks: health.hasRanks) - 1
            columnShift = max(0, min(columnShift + (forward ? 1 : -1), last))
        } else {
            channel += forward ? distance : -distance
            clampChannel()
        }
    }

    /// Chooses the next channel that a finding names.
    private mutating func findChannel(forward: Bool) {
        guard let chosen, let diagnosis = health[chosen.name]?.diagnosis else { return }
        let named = Set(diagnosis.findings.flatMap(\.channels)).sorted()
        let found = forward ? named.first { $0 > channel } : named.last { $0 < channel }
        channel = found ?? (forward ? named.first : named.last) ?? channel
    }

    /// Shows the record before or after; beyond the newest one the view follows the newest again.
    private mutating func moveMoment(_ distance: Int, _ app: AppState) {
        guard let log = app.run?.log, let series = chosen.flatMap({ LayerMoment.clock(of: $0, in: log) }) else {
            return
        }
        let here = step.map { series.lowerBound(step: $0) } ?? series.count - 1
        // Several records of one step, as at an evaluation, are one moment.
        var index = here + distance
        while series.indices.contains(index), series.indices.contains(here), series[index].step == series[here].step {
            index += distance
        }
        if index < series.count { step = series[max(0, index)].step }
        if step == series.last?.step { step = nil }
    }

    mutating func click(row: Int, column: Int, _ app: inout AppState) -> [Effect] {
        let layout = layout(in: Rect(rows: app.body.rows, columns: app.body.columns))
        guard let clicked = layout.pane(row: row, column: column) else { return [] }
        pane = clicked
        if clicked == .layers { list.click(line: row - layout.layers.row - 1, rows: layout.layers.rows - 1) }
        refresh(app)
        return []
    }

    func layout(in rect: Rect) -> BatchNormLayout {
        BatchNormLayout(rect, layers: list.items.count, pane: pane, isLarge: isLarge)
    }
}

/// The rank of a layer in the order "worst first": by severity of its findings, then by the gap between its statistics.
private struct LayerRank: Comparable {
    private let severity: Int
    private let gap: Double

    init(_ health: LayerHealth?) {
        severity = health?.diagnosis.severity?.rawValue ?? -1
        let gap = health?.diagnosis.gap
        let mean = gap.flatMap { StatisticsGap.largest($0.mean)?.value } ?? 0
        let variance = gap.flatMap { StatisticsGap.largest($0.logVariance)?.value } ?? 0
        self.gap = abs(mean) + abs(variance)
    }

    static func < (one: LayerRank, other: LayerRank) -> Bool {
        (one.severity, one.gap) < (other.severity, other.gap)
    }
}

extension LoggedLayer: ListItem {
    var listID: String { name }
}
