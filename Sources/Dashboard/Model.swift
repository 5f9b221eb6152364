import Canvas
import Runs

/// What happens to the dashboard.
package enum Message: Sendable {
    case input(Input)
    /// The files were read anew.
    case loaded(Workspace)
    /// A command was appended to the run's command file under `id`.
    case commanded(id: String, request: String)
    /// What a new run can be started from.
    case experiments([ExperimentChoice])
    /// A new run was started.
    case started(name: String)
    /// What came of a request for a checkpoint.
    case checkpoint(CheckpointNews)
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
    /// Look for experiments to start a run from, that of the run at `near` among them.
    case findExperiments(near: String?)
    case startRun(experiment: String, overrides: [String])
    case renameRun(String, to: String)
    case deleteRun(String)
    case checkpoint(CheckpointRequest)
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
    package private(set) var desk: Desk
    private var views: Views
    private let isBrowsing: Bool
    private var help: Help?

    /// - Parameters:
    ///   - place: the folders that are watched, as the user named them.
    ///   - utcOffset: seconds by which the clock on the wall is ahead of UTC.
    ///   - folder: a folder (or a file) whose checkpoints are shown first, instead of those of the open run.
    package init(place: String, utcOffset: Int = 0, browsing folder: String? = nil) {
        desk = Desk(place: place, utcOffset: utcOffset)
        views = Views(browsing: folder)
        isBrowsing = folder != nil
        if isBrowsing { desk.view = .checkpoints }
    }

    package var run: RunSnapshot? { desk.run }

    package mutating func update(_ message: Message) -> [Effect] {
        switch message {
        case .input(.key(let key)): return press(key)
        case .input(.pointer(let pointer)): return point(pointer)
        case .input(.resize(let size)): desk.window = size
        case .loaded(let workspace): load(workspace)
        case .commanded(let id, let request): desk.pending.asked(id, request)
        case .experiments(let choices): desk.question = .newRun(NewRun(choices))
        case .started(let name):
            desk.question = nil
            desk.note("started \(name)")
            show(.overview)
        case .checkpoint(let news): return take(news)
        case .done(let text): desk.note(text)
        case .refused(let text): desk.refuse(text)
        case .tick(let time): desk.now = time
        }
        return []
    }

    private mutating func take(_ news: CheckpointNews) -> [Effect] {
        switch news {
        case .done(let text): desk.note(text)
        case .refused(let text): desk.refuse(text)
        default: break
        }
        return views.take(news)
    }

    /// Drops what was shown long enough, and goes on with what there was no time for; whether the picture changed.
    package mutating func settle() -> Bool {
        let isBehind = views.isBehind(desk.view)
        if isBehind { _ = views.take(.files, &desk) }
        return desk.pending.expire(at: desk.now) || isBehind
    }

    private mutating func load(_ workspace: Workspace) {
        desk.workspace = workspace
        if !desk.marks.isEmpty {
            let paths = Set(workspace.runs.map(\.directory.path))
            desk.marks.removeAll { !paths.contains($0) }
        }
        _ = views.take(.files, &desk)
        guard let run = workspace.open else { return }
        desk.pending.settle(upTo: run.status?.lastCommand, answer: run.status?.lastAnswer, at: desk.now)
        desk.question?.follow(learningRate: run.learningRate)
        if !run.isTraining { desk.pending.abandon(at: desk.now) }
        if !run.isTraining, case .quit = desk.question { desk.question = nil }
    }
}

// MARK: - Keys and mouse

extension Model {
    private mutating func press(_ key: Key) -> [Effect] {
        if desk.question != nil { return answer(key) }
        if help != nil {
            if help?.update(key) == false { help = nil }
            return []
        }
        if let effects = views.take(.key(key), &desk) { return effects }
        guard let binding = KeyTable.binding(for: key, in: desk.view) else { return [] }
        return perform(binding.action)
    }

    private mutating func answer(_ key: Key) -> [Effect] {
        guard let reaction = desk.question?.update(key) else { return [] }
        if reaction == .stillAsking { return [] }
        // An experiment that can't be started stays in its window, to be put right.
        if case .answered(.startRun(let experiment, let overrides)) = reaction {
            return [.startRun(experiment: experiment, overrides: overrides)]
        }
        desk.question = nil
        guard case .answered(let answer) = reaction else { return [] }
        return effects(of: answer)
    }

    private func effects(of answer: Question.Answer) -> [Effect] {
        switch answer {
        case .stopRun(let path): return [.command(.stop, run: path)]
        case .deleteRun(let path): return [.deleteRun(path)]
        case .renameRun(let path, let name): return [.renameRun(path, to: name)]
        case .startRun(let experiment, let overrides):
            return [.startRun(experiment: experiment, overrides: overrides)]
        case .deleteCheckpoint(let path): return [.checkpoint(.delete(path: path))]
        case .convert(let path, let output): return [.checkpoint(.convert(path: path, to: output))]
        case .detach, .stopAndSave, .learningRate: break
        }
        guard let run else { return [] }
        switch answer {
        case .detach: return [.quit]
        case .stopAndSave: return [.command(.stop, run: run.directory.path), .quit]
        case .learningRate(let rate): return [.command(.set(.learningRate(rate)), run: run.directory.path)]
        default: return []
        }
    }

    private mutating func perform(_ action: Action) -> [Effect] {
        switch action {
        case .show(let kind): show(kind)
        case .nextView: show(desk.view.next)
        case .previousView: show(desk.view.previous)
        case .help: help = Help()
        case .quit: return quit()
        case .redraw: return [.redraw]
        case .suspend: return [.suspend]
        case .nextTheme: return [.nextTheme]
        case .reload: return [.reload]
        case .writePicture: return [.writePicture]
        case .writeValues: return run == nil ? [] : [.writeValues]
        case .pauseOrResume, .checkpoint, .evaluate, .setLearningRate, .slower, .faster: return desk.steer(action)
        case .smoothMore, .smoothLess, .smoothNot, .nextHorizontalAxis, .toggleFollow:
            desk.change(action)
            _ = views.take(.files, &desk)
        default: return tell(.action(action))
        }
        return []
    }

    /// Tells the view that is shown, and the one that is shown after that if it is another one.
    private mutating func tell(_ event: ViewEvent) -> [Effect] {
        let before = desk.view
        let effects = views.take(event, &desk) ?? []
        if desk.view != before { _ = views.take(.files, &desk) }
        return effects
    }

    private mutating func show(_ kind: ViewKind) {
        desk.view = kind
        _ = views.take(.files, &desk)
    }

    private mutating func quit() -> [Effect] {
        guard let run, run.isTraining else { return [.quit] }
        desk.question = .quit(run: run.name)
        return []
    }

    private mutating func point(_ pointer: Pointer) -> [Effect] {
        guard desk.question == nil, help == nil else { return [] }
        let body = desk.body
        guard body.contains(row: pointer.row, column: pointer.column) else { return [] }
        return tell(
            .pointer(Pointer(pointer.action, row: pointer.row - body.row, column: pointer.column - body.column)))
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
        let (header, body, messages, footer) = Desk.layout(rect)
        drawBody(into: &frame, header: header, body: body)
        desk.pending.draw(into: &frame, in: messages)
        drawTabs(into: &frame, in: messages)
        let hasLiveRun = desk.workspace?.runs.contains(where: \.isLive) ?? false
        Footer(view: desk.view, run: run, hasLiveRun: hasLiveRun).draw(into: &frame, in: footer)
        help?.draw(into: &frame, in: rect, view: desk.view)
        desk.question?.draw(into: &frame, in: rect)
    }

    private func drawBody(into frame: inout Frame, header: Rect, body: Rect) {
        if isBrowsing, desk.view == .checkpoints {
            frame.write("Checkpoints in \(desk.place)".fitted(to: header.columns), row: 0, in: header, .title)
            return views.draw(into: &frame, in: body, desk)
        }
        guard let workspace = desk.workspace else {
            frame.write("looking into \(desk.place) …".fitted(to: header.columns), row: 0, in: header, .dim)
            return
        }
        if let run {
            let reading = workspace.isComplete ? nil : workspace.progress
            RunHeader(run: run, readingProblem: workspace.problem, reading: reading).draw(into: &frame, in: header)
        } else if let problem = workspace.problem {
            frame.write(problem.fitted(to: header.columns), row: 0, in: header, .dim)
        }
        views.draw(into: &frame, in: body, desk)
    }

    /// The views' names at the right end of the message line, where there is room beside the messages.
    private func drawTabs(into frame: inout Frame, in rect: Rect) {
        let names = ViewKind.tabs.map { " \($0.digit) \($0.title) " }
        let width = names.reduce(0) { $0 + $1.columns }
        guard desk.pending.isEmpty || rect.columns > 2 * width + 20 else { return }
        var column = rect.columns - width
        for (kind, name) in zip(ViewKind.tabs, names) {
            column = frame.write(name, row: 0, column: column, in: rect, kind == desk.view ? .selection : .dim)
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
