import Canvas
import Dashboard
import Files
import Glibc
import Runs
import Terminal
import Training

/// The event loop of the dashboard: waits for a key, takes what was read meanwhile, draws if something changed, and
/// carries out effects.
struct DashboardLoop {
    /// The reason why the dashboard was closed.
    enum ExitReason: Equatable {
        case quit
        /// The user quit and told the run to stop and save.
        case stopAsked
        /// The terminal is gone, or the program was told to end.
        case interrupted
    }

    /// Milliseconds to wait for a key before looking at what was read meanwhile.
    private static let timeout = 50

    private let screen: Screen
    private let loader: RunLoader
    private let reader = CheckpointReader()
    private let tables = TableWriter()
    private let browsing: String?
    private let places: [String]
    private let themes: ThemeCatalogue
    private var theme: Theme
    private var model: Model
    private var shown: Frame?
    private let memory: MemoryFile
    /// What was saved last, and when.
    private var saved: (screen: ScreenMemory, history: CommandHistory)
    private var savedAt = 0.0
    /// Seconds between two writes, so that a key that is held down doesn't wear the disk.
    private static let saveInterval = 2.0

    init(
        places: [String], open: String?, browsing: String?, preferences: ScreenPreferences,
        environment: [String: String],
        memory: MemoryFile
    ) throws {
        let remembered = memory.read()
        let screenMemory = (remembered.screen ?? ScreenMemory()).at(preferences.defaults)
        themes = preferences.themes
        let (theme, problems) = try preferences.theme(remembering: screenMemory.theme)
        let hasMouse = screenMemory.mouse ?? preferences.defaults.mouse ?? true
        screen = try Screen(theme: theme, mouse: hasMouse, environment: environment)
        self.places = places
        self.browsing = browsing
        self.theme = theme
        self.memory = memory
        model = Model(
            folders: browsing ?? places.joined(separator: ", "), utcOffset: Clock.utcOffset, browsing: browsing,
            keys: preferences.keymap, themes: preferences.themes.names)
        _ = model.update(.tick(Clock.machine.now()))
        model.restore(from: screenMemory, history: remembered.history, showingView: open == nil && browsing == nil)
        saved = (model.memory, model.history)
        if let first = problems.first {
            let more = problems.count > 1 ? " (one of \(problems.count): normscope config --check lists them)" : ""
            _ = model.update(.refused(first + more))
        }
        loader = RunLoader(places: places, open: open)
    }

    /// Runs until the user leaves; the terminal is restored in any case.
    mutating func runUntilExit() -> ExitReason {
        loader.start()
        reader.start()
        if let browsing { reader.ask(.list(folder: browsing)) }
        defer {
            loader.stop()
            reader.stop()
            screen.close()
            tables.finish()
            saveMemory()
        }
        _ = model.update(.input(.resize(screen.size)))
        draw()
        while true {
            var changed = false
            switch screen.next(timeoutMilliseconds: Self.timeout) {
            case .interrupted: return .interrupted
            case .input(let input):
                if let reason = handle(input) { return reason }
                changed = true
            case .nothing: changed = screen.isUpToDate && model.see()
            }
            _ = model.update(.tick(Clock.machine.now()))
            if let workspace = loader.takeNewest() {
                _ = model.update(.loaded(workspace))
                changed = true
            }
            for response in reader.drain() {
                for effect in model.update(.checkpoint(response)) { _ = tryPerform(effect) }
                changed = true
            }
            for message in tables.drain() {
                _ = model.update(message)
                changed = true
            }
            if model.settle() || changed { draw() }
            if Clock.machine.now() - savedAt > Self.saveInterval { saveMemory() }
        }
    }

    /// Saves the state of the screen, if it changed.
    private mutating func saveMemory() {
        let now = (screen: model.memory, history: model.history)
        savedAt = Clock.machine.now()
        guard now != saved else { return }
        saved = now
        memory.write(now.screen, history: now.history)
    }

    /// The open run.
    var run: RunSnapshot? { model.run }

    private mutating func draw() {
        let frame = picture()
        guard frame != shown else { return }
        screen.show(frame)
        shown = frame
    }

    private func picture() -> Frame {
        var frame = Frame(size: screen.size, glyphs: screen.glyphs)
        model.draw(into: &frame, in: frame.bounds)
        return frame
    }

    /// Handles input; returns a reason to exit, if there is one. A failed effect prevents the exit: a run that could
    /// not be told to stop would go on unseen.
    private mutating func handle(_ input: Input) -> ExitReason? {
        let effects = model.update(.input(input))
        for effect in effects where !tryPerform(effect) { return nil }
        guard effects.contains(.quit) else { return nil }
        return effects.contains { if case .command(.stop, _) = $0 { true } else { false } } ? .stopAsked : .quit
    }

    /// Carries out an effect; returns false if it failed, and shows why.
    private mutating func tryPerform(_ effect: Effect) -> Bool {
        do {
            try perform(effect)
            return true
        } catch {
            _ = model.update(.refused("\(error)"))
            return false
        }
    }

    private mutating func perform(_ effect: Effect) throws {
        switch effect {
        case .quit: break
        case .command(let action, let path):
            let id = try RunDirectory(path: path).send(action)
            _ = model.update(.commanded(id: id, request: "\(action)", run: path))
        case .openRun(let path): loader.open(path)
        case .resumeRun(let path): try resumeRun(path)
        case .findExperiments(let path):
            _ = model.update(.experiments(ExperimentSearch.choices(near: path)))
        case .startRun(let experiment, let overrides): try startRun(experiment, overrides)
        case .renameRun(let path, let name): try renameRun(path, to: name)
        case .deleteRun(let path):
            try RunDirectory(path: path).delete()
            _ = model.update(.done("deleted \(path)"))
        case .checkpoint(let request): reader.ask(request)
        case .reload:
            loader.reload()
            if let browsing { reader.ask(.list(folder: browsing)) }
        case .redraw: screen.redraw()
        case .suspend:
            screen.suspend()
            shown = nil
        case .nextTheme: nextTheme()
        case .theme(let name): try setTheme(name)
        case .mouse(let isOn):
            screen.setMouse(isOn)
            _ = model.update(.mouse(isOn))
            _ = model.update(.done("mouse \(isOn ? "on" : "off: the terminal selects text again")"))
        case .writePicture(let name): try writePicture(name)
        case .writeValues(let name):
            if let table = model.csvTable { tables.write(table, to: try name.map(Self.free)) }
        }
    }

    private mutating func resumeRun(_ path: String) throws {
        let directory = RunDirectory(path: path)
        try EngineLauncher.start(run: directory, from: try directory.newestCheckpoint())
        _ = model.update(.done("started an engine; it goes on from the newest checkpoint"))
    }

    /// Starts a new run in the first watched folder.
    private mutating func startRun(_ path: String, _ overrides: [String]) throws {
        let experiment = try Experiment.load(path, overrides: overrides)
        try TrainingPlan(experiment).check()
        let place = RunDirectory(path: places[0])
        let directory = try RunDirectory.start(experiment, in: place.isRun ? FilePath.parent(place.path) : place.path)
        loader.open(directory.path)
        _ = model.update(.started(name: directory.name))
    }

    private mutating func renameRun(_ path: String, to name: String) throws {
        let renamed = try RunDirectory(path: path).rename(to: name)
        if model.run?.directory.path == path { loader.open(renamed.path) }
        _ = model.update(.done("renamed to \(name)"))
    }

    /// Sets the next theme; a broken one is reported and skipped.
    private mutating func nextTheme() {
        var name = theme.name
        for _ in themes.names {
            name = themes.name(after: name)
            do { return try setTheme(name) } catch { _ = model.update(.refused("\(error)")) }
        }
    }

    /// Sets a theme; of a broken one the error names the line, and the former theme stays.
    private mutating func setTheme(_ name: String) throws {
        theme = try themes.theme(named: name)
        screen.setTheme(theme)
        shown = nil
        _ = model.update(.themed(theme.name))
        _ = model.update(.done("theme \(theme.name)"))
    }

    private mutating func writePicture(_ name: String?) throws {
        let path = try name.map(Self.free) ?? "normscope-\(Int(Clock.machine.now())).svg"
        try AtomicFile.replace(path, with: picture().svg(theme: theme))
        _ = model.update(.done("wrote \(FilePath.absolute(path))"))
    }

    /// The absolute path for a typed name; an existing file is never overwritten.
    private static func free(_ name: String) throws -> String {
        let path = FilePath.absolute(name)
        guard FileKind(path) == .nothing else {
            throw ProgramError("\(name): is there already: choose another name")
        }
        return path
    }
}
