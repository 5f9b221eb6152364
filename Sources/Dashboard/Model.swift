import Canvas
import Runs

/// What happens to the dashboard.
package enum Message: Sendable {
    case input(Input)
    /// The files were read anew.
    case loaded(Workspace)
    /// A command was appended to the run's command file under `id`.
    case commanded(id: String, request: String)
    /// Something asked for was done, or could not be.
    case done(String)
    case refused(String)
    /// Time passed; seconds since 1970.
    case tick(Double)
}

/// What the dashboard wants done in the world. Carried out by the program, never here.
package enum Effect: Equatable, Sendable {
    case command(Command.Action, run: String)
    /// Follow this run's files from now on.
    case follow(run: String)
    /// Start an engine that goes on from the run's newest checkpoint.
    case revive(run: String)
    case nextTheme
    case reload
    case writePicture
    case writeValues
    case redraw
    case suspend
    case quit
}

/// The whole state of the dashboard, as a value: `update` takes what happened and answers with what is to be done;
/// `draw` makes a frame of it. Neither touches a file, a clock or a terminal.
package struct Model: Sendable {
    package private(set) var view = ViewKind.overview
    package private(set) var settings = ChartSettings()
    package private(set) var question: Question?
    private(set) var workspace: Workspace?
    private(set) var overview = Overview()
    private(set) var runList = RunList()
    private(set) var logView = LogView()
    private(set) var pending = PendingCommands()
    private(set) var help: Help?
    private var now = 0.0
    private let place: String

    /// - Parameter place: the folder that is watched, as the user named it.
    package init(place: String) {
        self.place = place
    }

    package var run: RunSnapshot? { workspace?.open }

    package mutating func update(_ message: Message) -> [Effect] {
        switch message {
        case .input(.key(let key)): return press(key)
        case .input(.pointer(let pointer)): return point(pointer)
        case .input(.resize): return []
        case .loaded(let workspace): load(workspace)
        case .commanded(let id, let request): pending.asked(id, request)
        case .done(let text): pending.note(text, at: now)
        case .refused(let text): pending.refuse(text, at: now)
        case .tick(let time): now = time
        }
        return []
    }

    /// Drops what was shown long enough; whether the picture changed.
    package mutating func expire() -> Bool { pending.expire(at: now) }

    private mutating func load(_ workspace: Workspace) {
        let followed = self.workspace?.open?.directory
        self.workspace = workspace
        runList.load(workspace)
        guard let run = workspace.open else { return }
        if run.directory != followed { overview = Overview() }
        overview.follow(run.log, smoothing: settings.smoothing)
        pending.settle(upTo: run.status?.lastCommand, answer: run.status?.lastAnswer, at: now)
        question?.follow(learningRate: run.learningRate)
        if !run.isTraining { pending.abandon(at: now) }
        if !run.isTraining, case .quit = question { question = nil }
    }
}

// MARK: - Keys and mouse

extension Model {
    private mutating func press(_ key: Key) -> [Effect] {
        if question != nil { return answer(key) }
        if help != nil {
            if help?.update(key) == false { help = nil }
            return []
        }
        guard let binding = KeyTable.binding(for: key, in: view) else { return [] }
        return perform(binding.action)
    }

    private mutating func answer(_ key: Key) -> [Effect] {
        guard let reaction = question?.update(key) else { return [] }
        if reaction == .stillAsking { return [] }
        question = nil
        guard case .answered(let answer) = reaction, let run else { return [] }
        switch answer {
        case .detach: return [.quit]
        case .stopAndSave: return [.command(.stop, run: run.directory.path), .quit]
        case .learningRate(let rate): return [.command(.set(.learningRate(rate)), run: run.directory.path)]
        }
    }

    private mutating func perform(_ action: Action) -> [Effect] {
        switch action {
        case .show(let kind): view = kind
        case .nextView: view = view.next
        case .previousView: view = view.previous
        case .help: help = Help()
        case .quit: return quit()
        case .redraw: return [.redraw]
        case .suspend: return [.suspend]
        case .nextTheme: return [.nextTheme]
        case .reload: return [.reload]
        case .writePicture: return [.writePicture]
        case .writeValues: return run == nil ? [] : [.writeValues]
        case .pauseOrResume, .checkpoint, .evaluate, .setLearningRate, .slower, .faster: return steer(action)
        case .previousLayer: overview.chooseLayer(-1, of: run?.normalizationLayers ?? [])
        case .nextLayer: overview.chooseLayer(1, of: run?.normalizationLayers ?? [])
        case .smoothMore, .smoothLess, .smoothNot, .toggleLogarithmic, .nextHorizontalAxis, .toggleFollow:
            change(action)
        case .moveUp, .moveDown, .moveLeft, .moveRight, .moveToStart, .moveToEnd, .pageUp, .pageDown, .open, .back:
            return move(action)
        }
        return []
    }

    private mutating func quit() -> [Effect] {
        guard let run, run.isTraining else { return [.quit] }
        question = .quit(run: run.name)
        return []
    }

    private mutating func steer(_ action: Action) -> [Effect] {
        guard let run else { return [] }
        if action == .pauseOrResume, run.canBeRevived { return [.revive(run: run.directory.path)] }
        guard run.isTraining else {
            pending.refuse("\(run.name) is not training: \(run.state.word)", at: now)
            return []
        }
        switch action {
        case .pauseOrResume: return [.command(run.state.isPaused ? .resume : .pause, run: run.directory.path)]
        case .checkpoint: return [.command(.checkpoint, run: run.directory.path)]
        case .evaluate: return [.command(.evaluate, run: run.directory.path)]
        case .slower: return [.command(.set(.paceFactor(0.5)), run: run.directory.path)]
        case .faster: return [.command(.set(.paceFactor(2)), run: run.directory.path)]
        case .setLearningRate: question = .learningRate(LearningRateEntry(current: run.learningRate))
        default: break
        }
        return []
    }

    private mutating func change(_ action: Action) {
        switch action {
        case .smoothMore: settings.smoothMore()
        case .smoothLess: settings.smoothLess()
        case .smoothNot: settings.smoothNot()
        case .toggleLogarithmic: settings.isLogarithmic.toggle()
        case .nextHorizontalAxis: nextAxis()
        case .toggleFollow: settings.window.toggleFollow(last: lastStep)
        default: break
        }
        if let run { overview.follow(run.log, smoothing: settings.smoothing) }
    }

    private mutating func nextAxis() {
        settings.axis = settings.axis.next
        if settings.axis == .epoch, run?.stepsPerEpoch == nil {
            settings.axis = settings.axis.next
        }
        pending.note("x axis: \(settings.axis.title)", at: now)
    }

    private var lastStep: Double { Double(run?.lastStep ?? 0) }

    private mutating func move(_ action: Action) -> [Effect] {
        switch view {
        case .overview: moveCharts(action)
        case .runs:
            if action == .back { view = .overview }
            guard let chosen = runList.update(action) else { return [] }
            view = .overview
            return [.follow(run: chosen)]
        case .log:
            if action == .back { view = .overview }
            logView.update(action, lines: run?.engineLog.count ?? 0)
        }
        return []
    }

    private mutating func moveCharts(_ action: Action) {
        switch action {
        case .moveLeft: settings.window.pan(forward: false, last: lastStep)
        case .moveRight: settings.window.pan(forward: true, last: lastStep)
        case .moveUp: settings.window.zoom(by: 0.5, last: lastStep)
        case .moveDown: settings.window.zoom(by: 2, last: lastStep)
        case .moveToStart: settings.window.moveToStart(last: lastStep)
        case .moveToEnd: settings.window.moveToEnd(last: lastStep)
        default: break
        }
    }

    private mutating func point(_ pointer: Pointer) -> [Effect] {
        guard question == nil, help == nil else { return [] }
        switch pointer.action {
        case .wheelUp: return move(.moveUp)
        case .wheelDown: return move(.moveDown)
        case .press:
            guard view == .runs else { return [] }
            runList.point(row: pointer.row - RunHeader.rows)
        }
        return []
    }
}

// MARK: - The picture

extension Model {
    /// Below this there is no room for any view.
    package static let smallest = Size(rows: 16, columns: 60)

    package func draw(into frame: inout Frame, in rect: Rect) {
        guard rect.rows >= Self.smallest.rows, rect.columns >= Self.smallest.columns else {
            drawTooSmall(into: &frame, in: rect)
            return
        }
        let (header, below) = rect.split(top: RunHeader.rows)
        let (body, bottom) = below.split(top: below.rows - 2)
        drawBody(into: &frame, header: header, body: body)
        pending.draw(into: &frame, in: bottom.split(top: 1).top)
        drawTabs(into: &frame, in: bottom.split(top: 1).top)
        Footer(view: view, run: run).draw(into: &frame, in: bottom.split(top: 1).rest)
        help?.draw(into: &frame, in: rect, view: view)
        question?.draw(into: &frame, in: rect)
    }

    private func drawBody(into frame: inout Frame, header: Rect, body: Rect) {
        guard let workspace else {
            frame.write("reading \(place) …".fitted(to: header.columns), row: 0, in: header, .dim)
            return
        }
        if let run { RunHeader(run: run, readingProblem: workspace.problem).draw(into: &frame, in: header) }
        switch view {
        case .overview:
            if let run {
                overview.draw(into: &frame, in: body, run: run, settings: settings)
            } else {
                EmptyPlace(place: place).draw(into: &frame, in: body)
            }
        case .runs: runList.draw(into: &frame, in: body, workspace: workspace, now: now)
        case .log: logView.draw(into: &frame, in: body, lines: run?.engineLog ?? [])
        }
    }

    /// The views' names at the right end of the message line, where there is room beside the messages.
    private func drawTabs(into frame: inout Frame, in rect: Rect) {
        let names = ViewKind.allCases.map { " \($0.digit) \($0.title) " }
        let width = names.reduce(0) { $0 + $1.columns }
        guard pending.isEmpty || rect.columns > 2 * width + 20 else { return }
        var column = rect.columns - width
        for (kind, name) in zip(ViewKind.allCases, names) {
            column = frame.write(name, row: 0, column: column, in: rect, kind == view ? .selection : .dim)
        }
    }

    private func drawTooSmall(into frame: inout Frame, in rect: Rect) {
        let need = "needs \(Self.smallest.columns)×\(Self.smallest.rows), has \(rect.columns)×\(rect.rows)"
        for (row, line) in ["window too small", need].enumerated() {
            let text = line.fitted(to: rect.columns)
            frame.write(
                text, row: max(0, rect.rows / 2 - 1) + row, column: (rect.columns - text.columns) / 2, in: rect,
                row == 0 ? .warning : .dim)
        }
    }
}
