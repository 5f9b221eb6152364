import Canvas
import Charts
import EventLog
import Runs

/// View 1: the most important of a run on one screen, live: loss and accuracy, the chosen normalization layer's
/// statistics, γ and β, the newest checkpoints.
struct Overview: DashboardView {
    private var directory: RunDirectory?
    private var layerIndex = 0
    private var smoothed = SmoothedCurves()
    private var utcOffset = 0

    mutating func update(_ action: KeyAction, _ app: inout AppState) -> [Effect] {
        switch action {
        case .previousLayer: chooseLayer(-1, of: app.run)
        case .nextLayer: chooseLayer(1, of: app.run)
        case .toggleLogarithmic: app.settings.isLogarithmic.toggle()
        default: app.moveWindow(action)
        }
        return []
    }

    private mutating func chooseLayer(_ distance: Int, of run: RunSnapshot?) {
        guard let count = run?.layers.count, count > 0 else { return }
        layerIndex = ((layerIndex + distance) % count + count) % count
    }

    mutating func handle(_ request: ViewRequest, _ app: inout AppState) throws(CommandError) -> [Effect]? {
        guard case .layer(let name) = request else { return nil }
        let names = app.run?.layers.map(\.name) ?? []
        let layer = try CompletionContext.choice("normalization layer", name, among: names)
        layerIndex = names.firstIndex(of: layer) ?? layerIndex
        return []
    }

    /// A click on a pane shows more of it in its own view.
    mutating func click(row: Int, column: Int, _ app: inout AppState) -> [Effect] {
        let layout = OverviewLayout(Rect(rows: app.body.rows, columns: app.body.columns))
        let panes: [(rect: Rect, view: ViewKind)] = [
            (layout.loss, .curves), (layout.accuracy, .curves), (layout.checkpoints, .checkpoints),
            (layout.mean, .batchNorm), (layout.variance, .batchNorm), (layout.weight, .histograms),
            (layout.bias, .histograms),
        ]
        let hit = panes.first { $0.rect.contains(row: row, column: column) }
        if let view = hit?.view { app.view = view }
        return []
    }

    /// Takes in the open run; another run resets the view.
    mutating func refresh(_ app: AppState) {
        guard let run = app.run else { return }
        if run.directory != directory { self = Overview() }
        directory = run.directory
        utcOffset = app.utcOffset
        let shown = [ScalarRole.trainLoss, .trainAccuracy].compactMap { role in
            run.roles[role].flatMap { tag in
                run.log.scalars[tag].map { (SmoothedCurves.Name(run: run.directory.path, tag: tag), $0) }
            }
        }
        smoothed.extend(shown, weight: app.settings.smoothing)
    }

    var isBehind: Bool { smoothed.isBehind }

    func draw(into frame: inout Frame, in rect: Rect, _ app: AppState) {
        guard let run = app.run else {
            NoRunsMessage(folders: app.watchedFolders).draw(into: &frame, in: rect)
            return
        }
        let settings = app.settings
        let layout = OverviewLayout(rect)
        let scale = OverlaidRun(run).scale(settings.axis)
        drawCurves(
            "loss", .trainLoss, .validationLoss, run, scale, settings, logarithmic: settings.isLogarithmic,
            into: &frame, in: layout.loss)
        if let tag = run.insteadOfAccuracy, let series = run.log.scalars[tag] {
            drawScalar(tag, series, of: run, scale, settings, into: &frame, in: layout.accuracy)
        } else {
            drawCurves(
                "accuracy", .trainAccuracy, .validationAccuracy, run, scale, settings, logarithmic: false,
                into: &frame, in: layout.accuracy)
        }
        drawLayer(of: run, scale, settings, into: &frame, layout)
        let system = SystemPane(run)
        let (checkpoints, below) = layout.checkpoints.split(
            top: layout.checkpoints.rows - system.rows(of: layout.checkpoints))
        system.draw(into: &frame, in: below)
        guard run.state != .log || !run.checkpoints.isEmpty else {
            frame.pane("checkpoints", in: checkpoints, note: "none: it is a log")
            return
        }
        let canWrite = run.isTraining && run.canDo(.checkpoint)
        CheckpointPane(writer: canWrite ? app.keys.name(of: .checkpoint) : nil).draw(
            into: &frame, in: checkpoints, checkpoints: run.checkpoints)
    }

    /// The points of the four curves, as far as they are visible.
    func table(_ app: AppState) -> CSVTable? {
        guard let run = app.run else { return nil }
        let tags = ScalarRole.allCases.compactMap { run.roles[$0] }
        guard let series = tags.first.flatMap({ run.log.scalars[$0] }) else { return nil }
        let overlaid = OverlaidRun(run)
        let steps = app.settings.window.range(last: Double(run.lastStep))
        return .curves(
            name: run.name + "-overview", [overlaid], tags, axis: app.settings.axis,
            range: overlaid.scale(app.settings.axis).range(of: steps, in: series))
    }

    private func drawCurves(
        _ title: String, _ train: ScalarRole, _ validation: ScalarRole, _ run: RunSnapshot, _ scale: HorizontalScale,
        _ settings: ChartSettings, logarithmic: Bool, into frame: inout Frame, in rect: Rect
    ) {
        let (trained, validated) = (run.scalars(of: train), run.scalars(of: validation))
        guard let series = trained ?? validated else {
            frame.pane(title, in: rect, note: noCurves(of: title, in: run))
            return
        }
        var curves: [LineChart.Curve] = []
        if let trained, let average = run.roles[train].flatMap({ smoothed[.init(run: run.directory.path, tag: $0)] }) {
            curves.append(.raw(trained, label: "", style: .dim, on: scale))
            curves.append(.smoothed(average, of: trained, label: "train", style: Style(.series1), on: scale))
        } else if let trained {
            curves.append(.raw(trained, label: "train", style: Style(.series1), on: scale))
        }
        if let validated { curves.append(.raw(validated, label: "val", style: Style(.series2), on: scale)) }
        let notes = [
            logarithmic ? "log" : nil,
            settings.smoothing > 0 && train == .trainLoss && trained != nil ? "smoothed \(settings.smoothing)" : nil,
            settings.window.isFollowing ? "following" : nil,
        ].compactMap { $0 }
        LineChart(
            title: ([title] + notes).joined(separator: " · "), curves: curves,
            xRange: scale.range(of: settings.window.range(last: Double(run.lastStep)), in: series),
            yScale: logarithmic ? .logarithmic : .linear, xAxis: scale.effectiveAxis.chartAxis(utcOffset: utcOffset),
            marks: OverlaidRun(run).controlMarks(on: scale)
        ).draw(into: &frame, in: rect)
    }

    /// Draws other scalars of the log where there is no normalization layer.
    private func drawOthers(
        of run: RunSnapshot, _ scale: HorizontalScale, _ settings: ChartSettings, into frame: inout Frame,
        in rooms: [Rect]
    ) {
        let played = Set(run.roles.values).union([run.insteadOfAccuracy].compactMap { $0 })
        let count = run.log.scalars.tags.count { !SystemPane.shows($0) }
        let note = count == 0 ? "" : "no normalization layer in this run"
        guard count > played.count else { return frame.pane("normalization", in: rooms[0], note: note) }
        let (heading, upper) = rooms[0].split(top: 1)
        frame.write(note.fitted(to: heading.columns), in: heading, .dim)
        var others = run.log.scalars.lazy.filter { !played.contains($0.tag) && !SystemPane.shows($0.tag) }
            .makeIterator()
        for room in ([upper] + rooms.dropFirst()).flatMap({ ChartGrid($0, charts: count).cells }) {
            guard let (tag, series) = others.next() else { return }
            drawScalar(tag, series, of: run, scale, settings, into: &frame, in: room)
        }
    }

    /// Draws one of the log's scalars as it was logged.
    private func drawScalar(
        _ tag: String, _ series: ScalarSeries, of run: RunSnapshot, _ scale: HorizontalScale,
        _ settings: ChartSettings, into frame: inout Frame, in rect: Rect
    ) {
        var chart = LineChart(
            title: tag, curves: [.raw(series, label: "now", style: Style(.series3), on: scale)],
            xRange: scale.range(of: settings.window.range(last: Double(run.lastStep)), in: series),
            xAxis: scale.effectiveAxis.chartAxis(utcOffset: utcOffset))
        chart.namesAreElsewhere = true
        chart.draw(into: &frame, in: rect)
    }

    private func noCurves(of title: String, in run: RunSnapshot) -> String {
        let count = run.log.scalars.count
        guard count == 0 else { return "no \(title) among \(count) scalars" }
        return run.isTraining ? "waiting for the first step" : "no scalars in this log"
    }

    private func drawLayer(
        of run: RunSnapshot, _ scale: HorizontalScale, _ settings: ChartSettings, into frame: inout Frame,
        _ layout: OverviewLayout
    ) {
        let layers = run.layers
        guard !layers.isEmpty else {
            drawOthers(of: run, scale, settings, into: &frame, in: layout.normalization)
            return
        }
        let index = min(layerIndex, layers.count - 1)
        let place = layers.count > 1 ? " (\(index + 1) of \(layers.count))" : ""
        LayerPanes(log: run.log, layer: layers[index], place: place).draw(into: &frame, layout)
    }
}

extension ChartSettings.HorizontalAxis {
    func chartAxis(utcOffset: Int) -> TimeAxis {
        switch self {
        case .step: .step
        case .epoch: .epoch
        case .relative: .duration
        case .wall: .wallTime(utcOffset: utcOffset)
        }
    }
}

extension Frame {
    /// Draws a pane without contents: its title and a sentence that says why.
    mutating func pane(_ title: String, in rect: Rect, note: String) {
        write(title, in: rect, row: 0, .title)
        write(
            note.fitted(to: rect.columns), row: rect.rows / 2, column: max(0, (rect.columns - note.columns) / 2),
            in: rect, .dim)
    }

    private mutating func write(_ text: String, in rect: Rect, row: Int, _ style: Style) {
        write(text.middleFitted(to: rect.columns), row: row, in: rect, style)
    }
}
