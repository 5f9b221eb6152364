import Canvas
import Runs

/// What happens to the dashboard.
package enum Message: Sendable {
    case input(Input)
    /// The files were read anew.
    case loaded(Workspace)
    /// A command was appended to the command file of the run at a path, under `id`.
    case commanded(id: String, request: String, run: String)
    /// What a new run can be started from.
    case experiments([ExperimentChoice])
    /// A new run was started.
    case started(name: String)
    /// What came of a request for a checkpoint.
    case checkpoint(CheckpointResponse)
    /// The theme and the mouse are so now.
    case themed(String)
    case mouse(Bool)
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
    case openRun(String)
    /// Start an engine that goes on from the run's newest checkpoint.
    case resumeRun(String)
    /// Look for experiments to start a run from, that of the run at `near` among them.
    case findExperiments(near: String?)
    case startRun(experiment: String, overrides: [String])
    case renameRun(String, to: String)
    case deleteRun(String)
    case checkpoint(CheckpointRequest)
    case nextTheme
    case theme(String)
    /// Whether the mouse steers.
    case mouse(Bool)
    case reload
    /// Into a file of that name, or of one that is made up.
    case writePicture(String?)
    case writeValues(String?)
    case redraw
    case suspend
    case quit
}

/// The whole state of the dashboard, as a value: `update` takes what happened and answers with what is to be done;
/// `draw` makes a frame of it. Neither touches a file, a clock or a terminal.
package struct Model: Sendable {
    package internal(set) var app: AppState
    var views: Views
    private let isBrowsing: Bool
    var help: Help?
    private var commandLine: CommandPrompt?
    /// What was typed into the command line, in earlier sessions too.
    package internal(set) var history = CommandHistory()
    var remembered = ScreenMemory()

    /// - Parameters:
    ///   - folders: the folders that are watched, as the user named them.
    ///   - utcOffset: seconds by which the clock on the wall is ahead of UTC.
    ///   - folder: a folder (or a file) whose checkpoints are shown first, instead of those of the open run.
    ///   - keys: which key does what.
    ///   - themes: the names of the themes that there are.
    package init(
        folders: String, utcOffset: Int = 0, browsing folder: String? = nil, keys: Keymap = .standard,
        themes: [String] = []
    ) {
        app = AppState(watchedFolders: folders, keys: keys, themes: themes, utcOffset: utcOffset)
        views = Views(browsing: folder)
        isBrowsing = folder != nil
        if isBrowsing { app.view = .checkpoints }
    }

    package var run: RunSnapshot? { app.run }

    /// The numbers behind the view that is shown; nil where it shows none.
    package var csvTable: CSVTable? { views.table(app) }

    package mutating func update(_ message: Message) -> [Effect] {
        switch message {
        case .input(.key(let key)): return press(key)
        case .input(.pointer(let pointer)): return point(pointer)
        case .input(.resize(let size)): app.window = size
        case .loaded(let workspace): load(workspace)
        case .commanded(let id, let request, let run):
            app.pending.asked(id, (nameUnlessOpen(run).map { $0 + ": " } ?? "") + request, run: run)
        case .experiments(let choices): app.dialog = .newRun(NewRun(choices))
        case .started(let name):
            app.dialog = nil
            app.note("started \(name)")
            show(.overview)
        case .checkpoint(let response): return receive(response)
        case .themed(let name): remembered.theme = name
        case .mouse(let isOn): remembered.mouse = isOn
        case .done(let text): app.note(text)
        case .refused(let text): app.refuse(text)
        case .tick(let time): app.now = time
        }
        return []
    }

    private mutating func receive(_ response: CheckpointResponse) -> [Effect] {
        switch response {
        case .done(let text): app.note(text)
        case .refused(let text): app.refuse(text)
        default: break
        }
        return views.receive(response)
    }

    /// Drops what was shown long enough, and goes on with what there was no time for; whether the picture changed.
    package mutating func settle() -> Bool {
        let isBehind = views.isBehind(app.view)
        if isBehind { _ = views.handle(.files, &app) }
        return app.pending.expire(at: app.now) || isBehind
    }

    private mutating func load(_ workspace: Workspace) {
        app.workspace = workspace
        // Marks from an earlier session wait for their runs to be found.
        if !app.marks.isEmpty, workspace.isComplete {
            let paths = Set(workspace.runs.map(\.directory.path))
            app.marks.removeAll { !paths.contains($0) }
        }
        _ = views.handle(.files, &app)
        for path in app.pending.askedRuns { takeAnswers(of: path, in: workspace) }
        guard let run = workspace.open else { return }
        app.dialog?.refresh(learningRate: run.learningRate)
        if !run.isTraining, case .quit = app.dialog { app.dialog = nil }
    }

    private mutating func takeAnswers(of path: String, in workspace: Workspace) {
        let entry = workspace.runs.first { $0.directory.path == path }
        let open = workspace.open.flatMap { $0.directory.path == path ? $0 : nil }
        let status = open?.status ?? entry?.status
        app.pending.settle(
            run: path, upTo: status?.lastCommand, answer: status?.lastAnswer,
            failed: status?.lastCommandFailed ?? false, name: nameUnlessOpen(path), at: app.now)
        if open?.isTraining ?? entry?.isLive ?? false { return }
        app.pending.abandon(run: path, at: app.now)
    }

    /// The name of the run at a path, if it is not the one that everything speaks of.
    private func nameUnlessOpen(_ path: String) -> String? {
        guard path != app.run?.directory.path else { return nil }
        return app.workspace?.runs.first { $0.directory.path == path }?.name ?? RunDirectory(path: path).name
    }
}

// MARK: - Keys and mouse

extension Model {
    private mutating func press(_ key: Key) -> [Effect] {
        if app.dialog != nil { return answer(key) }
        if help != nil {
            if help?.update(key, app.keys, in: app.view, window: app.window) == false { help = nil }
            return []
        }
        if let line = commandLine { return type(key, into: line) }
        if let effects = views.handle(.key(key), &app) { return effects }
        guard let binding = app.keys.binding(for: key, in: app.view) else { return [] }
        return perform(binding.action)
    }

    private mutating func type(_ key: Key, into line: CommandPrompt) -> [Effect] {
        var line = line
        switch line.update(key, history, views.completionContext(app)) {
        case .typing: commandLine = line
        case .left: commandLine = nil
        case .spoken(let text):
            commandLine = nil
            history.add(text)
            return execute(text)
        }
        return []
    }

    private mutating func answer(_ key: Key) -> [Effect] {
        guard let outcome = app.dialog?.update(key) else { return [] }
        if outcome == .stayOpen { return [] }
        // An experiment that can't be started stays in its window, to be put right.
        if case .answered(.startRun(let experiment, let overrides)) = outcome {
            return [.startRun(experiment: experiment, overrides: overrides)]
        }
        app.dialog = nil
        guard case .answered(let answer) = outcome else { return [] }
        return effects(of: answer)
    }

    private func effects(of answer: Dialog.Answer) -> [Effect] {
        switch answer {
        case .stopRun(let path): return [.command(.stop, run: path)]
        case .deleteRun(let path): return [.deleteRun(path)]
        case .renameRun(let path, let name): return [.renameRun(path, to: name)]
        case .startRun(let experiment, let overrides):
            return [.startRun(experiment: experiment, overrides: overrides)]
        case .deleteCheckpoint(let path): return [.checkpoint(.delete(path: path))]
        case .convert(let path, let output, let asModule):
            return [.checkpoint(.convert(path: path, to: output, asModule: asModule))]
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

    mutating func perform(_ action: KeyAction) -> [Effect] {
        switch action {
        // The key that shows the images leads back from them too.
        case .show(.images) where app.view == .images: return tell(.action(.back))
        case .show(let kind): show(kind)
        case .nextView: show(app.view.next)
        case .previousView: show(app.view.previous)
        case .help: help = Help()
        case .commandLine: commandLine = CommandPrompt()
        case .quit: return quit()
        case .redraw: return [.redraw]
        case .suspend: return [.suspend]
        case .nextTheme: return [.nextTheme]
        case .reload: return [.reload]
        case .writePicture: return [.writePicture(nil)]
        case .writeValues: return writeValues(to: nil)
        case .stopRun where app.view != .runs: return app.steer(action)
        case .pauseOrResume, .checkpoint, .evaluate, .setLearningRate, .slower, .faster: return app.steer(action)
        case .smoothMore, .smoothLess, .smoothNot, .nextHorizontalAxis, .toggleFollow:
            app.change(action)
            _ = views.handle(.files, &app)
        default: return tell(.action(action))
        }
        return []
    }

    /// Tells the view that is shown, and the one that is shown after that if it is another one.
    mutating func tell(_ event: ViewEvent) -> [Effect] {
        let before = app.view
        let effects = views.handle(event, &app) ?? []
        if app.view != before { _ = views.handle(.files, &app) }
        return effects
    }

    mutating func show(_ kind: ViewKind) {
        app.view = kind
        _ = views.handle(.files, &app)
    }

    private mutating func quit() -> [Effect] {
        guard let run, run.isTraining else { return [.quit] }
        app.dialog = .quit(run: run.name, canStop: run.refusal(of: .stop) == nil)
        return []
    }

    private mutating func point(_ pointer: Pointer) -> [Effect] {
        guard app.dialog == nil else { return [] }
        if let help { return point(pointer, at: help) }
        let (_, body, messages, footer) = AppState.layout(Rect(rows: app.window.rows, columns: app.window.columns))
        if pointer.gesture == .press, commandLine == nil {
            if let kind = tab(at: pointer, in: messages) { return perform(.show(kind)) }
            if footer.contains(row: pointer.row, column: pointer.column),
                let action = self.footer.action(atColumn: pointer.column, in: footer)
            {
                return perform(action)
            }
        }
        guard body.contains(row: pointer.row, column: pointer.column) else { return [] }
        return tell(
            .pointer(Pointer(pointer.gesture, row: pointer.row - body.row, column: pointer.column - body.column)))
    }
}

// MARK: - The picture

extension Model {
    private mutating func point(_ pointer: Pointer, at help: Help) -> [Effect] {
        var help = help
        self.help = help.point(pointer, app.keys, in: app.view, window: app.window) ? help : nil
        return []
    }

    private var footer: Footer {
        let hasLiveRun = app.workspace?.runs.contains(where: \.isLive) ?? false
        return Footer(
            view: app.view, run: run, hasLiveRun: hasLiveRun, offersLayers: views.offersLayers,
            isEmpty: run == nil && !views.isBrowsing, keys: app.keys)
    }

    mutating func writeValues(to path: String?) -> [Effect] {
        guard csvTable == nil else { return [.writeValues(path)] }
        app.refuse("there is nothing here to write as CSV")
        return []
    }

    /// Below this there is no room for any view.
    package static let smallest = Size(rows: 16, columns: 60)

    package func draw(into frame: inout Frame, in rect: Rect) {
        guard rect.rows >= Self.smallest.rows, rect.columns >= Self.smallest.columns else {
            drawTooSmall(into: &frame, in: rect)
            return
        }
        let (header, body, messages, footer) = AppState.layout(rect)
        drawBody(into: &frame, header: header, body: body)
        app.pending.draw(into: &frame, in: messages)
        drawTabs(into: &frame, in: messages)
        if views.filter(of: app.view)?.isTyping == true {
            let end = frame.offer("Enter", "keep the filter", row: 0, in: footer)
            frame.offer("Esc", "as it was", row: 0, column: end + 2, in: footer)
        } else {
            self.footer.draw(into: &frame, in: footer)
        }
        commandLine?.draw(into: &frame, hint: messages, line: footer)
        help?.draw(into: &frame, in: rect, app.keys, view: app.view, run: run)
        app.dialog?.draw(into: &frame, in: rect)
    }

    private func drawBody(into frame: inout Frame, header: Rect, body: Rect) {
        if isBrowsing, app.view == .checkpoints {
            frame.write("Checkpoints in \(app.watchedFolders)".fitted(to: header.columns), row: 0, in: header, .title)
            return views.draw(into: &frame, in: body, app)
        }
        guard let workspace = app.workspace else {
            frame.write("looking into \(app.watchedFolders) …".fitted(to: header.columns), row: 0, in: header, .dim)
            return
        }
        if let run {
            let reading = workspace.isComplete ? nil : workspace.progress
            RunHeader(
                run: run, readingProblem: workspace.problem, reading: reading, runs: workspace.runs.count,
                now: app.now, utcOffset: app.utcOffset
            ).draw(into: &frame, in: header)
        } else if let problem = workspace.problem {
            frame.write(problem.fitted(to: header.columns), row: 0, in: header, .dim)
        }
        views.draw(into: &frame, in: body, app)
    }

    /// The views' names at the right end of the message line, where there is room beside the messages.
    private func drawTabs(into frame: inout Frame, in rect: Rect) {
        for tab in tabs(in: rect) {
            frame.write(
                tab.name, row: 0, column: tab.start, in: rect, tab.view == app.view ? .selection : .dim)
        }
    }

    private func tabs(in rect: Rect) -> [(view: ViewKind, name: String, start: Int)] {
        let names = ViewKind.tabs.map { " \($0.digit) \($0.title) " }
        let width = names.reduce(0) { $0 + $1.columns }
        guard app.pending.columns + width <= rect.columns else { return [] }
        var start = rect.columns - width
        return zip(ViewKind.tabs, names).map { view, name in
            defer { start += name.columns }
            return (view, name, start)
        }
    }

    private func tab(at pointer: Pointer, in rect: Rect) -> ViewKind? {
        guard rect.contains(row: pointer.row, column: pointer.column) else { return nil }
        let column = pointer.column - rect.column
        return tabs(in: rect).last { $0.start <= column }?.view
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
