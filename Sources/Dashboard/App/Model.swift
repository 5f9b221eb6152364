import Runs

/// The whole dashboard as a value: `update` takes a message and returns effects, `draw` makes a frame. Neither touches
/// a file, a clock or a terminal.
package struct Model: Sendable {
    package internal(set) var app: AppState
    var views = Views()
    /// The command line's history, including earlier sessions.
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
        app = AppState(
            watchedFolders: folders, browsedFolder: folder, keys: keys, themes: themes, utcOffset: utcOffset)
        if app.isBrowsing { app.view = .checkpoints }
    }

    package var run: RunSnapshot? { app.run }

    /// The numbers behind the view that is shown, for CSV; nil where it has none.
    package var csvTable: CSVTable? { views.table(app) }

    package mutating func update(_ message: Message) -> [Effect] {
        switch message {
        case .input(.key(let key)): return handle(key)
        case .input(.paste(let text)): return handle(paste: text)
        case .input(.pointer(let pointer)): return handle(pointer)
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
        return views.receive(response, app)
    }

    /// Notes that the picture is on the terminal and that no input has come since: a question counts as seen, and offers its
    /// answers. Returns whether the picture changed.
    package mutating func see() -> Bool {
        let wasSeen = app.dialogWasSeen
        app.dialogWasSeen = app.dialog != nil
        return app.dialogWasSeen != wasSeen
    }

    /// Removes expired messages and goes on with work that ran out of time; returns whether the picture changed.
    package mutating func settle() -> Bool {
        let isBehind = views.isBehind(app)
        if isBehind { views.refresh(app) }
        return app.pending.expire(at: app.now) || isBehind
    }

    private mutating func load(_ workspace: Workspace) {
        app.workspace = workspace
        // Marks from an earlier session wait for their runs to be found.
        if !app.marks.isEmpty, workspace.isComplete {
            let paths = Set(workspace.runs.map(\.directory.path))
            app.marks.removeAll { !paths.contains($0) }
        }
        views.refresh(app)
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

    /// The name of the run at a path; nil for the open run, which messages need not name.
    private func nameUnlessOpen(_ path: String) -> String? {
        guard path != app.run?.directory.path else { return nil }
        return app.workspace?.runs.first { $0.directory.path == path }?.name ?? RunDirectory(path: path).name
    }
}
