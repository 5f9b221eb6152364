import Charts
import Runs

// What the command line asks for, carried out.
extension Model {
    /// Executes a line of the command line; an error is shown as a message of one line.
    mutating func execute(_ line: String) -> [Effect] {
        do throws(CommandError) {
            switch try ParsedCommand(line, here: app.keys.bindings(in: app.view).map(\.action)) {
            case .nothing: return []
            case .action(let action): return try performIfPossible(action)
            case .command(let verb, let words, let rest): return try execute(verb, words, rest: rest)
            }
        } catch {
            app.refuse(error.text)
            return []
        }
    }

    /// Performs an action by its name: in the views for which the key table has it; steering and program actions
    /// everywhere.
    private mutating func performIfPossible(_ action: KeyAction) throws(CommandError) -> [Effect] {
        let rows = KeyTable.bindings.filter { $0.action == action }
        let isForAll = rows.contains { $0.group == .steering || $0.group == .program }
        let views = ViewKind.allCases.filter { view in rows.contains { $0.views.contains(view) } }
        guard isForAll || views.contains(app.view) else {
            throw CommandError(":\(action.name) works in \(views.map(\.title).joined(separator: ", "))")
        }
        return perform(action)
    }

    private mutating func execute(
        _ verb: CommandSpec.Verb, _ words: [String], rest: String
    ) throws(CommandError) -> [Effect] {
        switch verb {
        case .pause: return try pause(true)
        case .resume: return try pause(false)
        case .learningRate: return try set("lr", Self.only(words, of: verb))
        case .pace: return try set("pace", Self.only(words, of: verb))
        case .momentum: return try set("momentum", Self.only(words, of: verb))
        case .set: return try set(rest)
        case .smoothing, .horizontalAxis: try chooseDrawing(verb, Self.only(words, of: verb))
        case .layer: return try handle(.layer(Self.only(words, of: verb)), in: [.overview])
        case .tag: return try handle(.tag(Self.only(words, of: verb)), in: [.curves, .histograms])
        case .sort: return try handle(.sort(words.joined(separator: " ")), in: [.runs])
        case .open: return try open(Self.only(words, of: verb))
        case .compare: return try compare(words)
        case .mark: try mark(words)
        case .filter: try filter(rest)
        case .view: show(try Self.view(Self.only(words, of: verb)))
        case .theme:
            return [.theme(try CompletionContext.choice("theme", Self.only(words, of: verb), among: app.themes))]
        case .mouse: return [.mouse(try Self.isOn(Self.only(words, of: verb)))]
        case .csv: return writeValues(to: words.isEmpty ? nil : rest)
        case .svg: return [.writePicture(words.isEmpty ? nil : rest)]
        case .help: app.layers.append(.help(Help(about: rest)))
        case .detach: return [.quit]
        }
        return []
    }

    private static func only(_ words: [String], of verb: CommandSpec.Verb) throws(CommandError) -> String {
        if words.count == 1 { return words[0] }
        throw CommandError("\(CommandTable.command(named: verb.rawValue)?.usage ?? ""): one word, not \(words.count)")
    }
}

// MARK: - Steering

extension Model {
    private mutating func pause(_ isWanted: Bool) throws(CommandError) -> [Effect] {
        if let run, run.isTraining, run.state.isPaused == isWanted {
            throw CommandError(isWanted ? "\(run.name) is paused already" : "\(run.name) is running already")
        }
        if isWanted, let run, !run.isTraining { throw CommandError("\(run.name) is not training: \(run.state.word)") }
        return app.steer(.pauseOrResume)
    }

    /// `lr=1e-4`
    private func set(_ text: String) throws(CommandError) -> [Effect] {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(\.trimmed)
        guard parts.count == 2 else { throw CommandError(":set KEY=VALUE, such as :set lr=1e-4") }
        return try set(parts[0], parts[1])
    }

    private func set(_ key: String, _ value: String) throws(CommandError) -> [Effect] {
        guard let run else { throw CommandError("there is no run here yet") }
        guard run.isTraining else { throw CommandError("\(run.name) is not training: \(run.state.word)") }
        let setting: Setting
        do {
            setting = try Setting(key: key, value: value)
        } catch {
            throw CommandError("\(error)")
        }
        if let refusal = run.refusal(of: setting.ability) { throw CommandError(refusal) }
        return [.command(.set(setting), run: run.directory.path)]
    }
}

// MARK: - What is shown, and how

extension Model {
    private mutating func chooseDrawing(_ verb: CommandSpec.Verb, _ word: String) throws(CommandError) {
        if verb == .smoothing {
            guard let weight = Double(word), app.settings.smooth(by: weight) else {
                throw CommandError("“\(word)” is no weight: from 0, not smoothed, to 0.99")
            }
        } else {
            let words = ChartSettings.HorizontalAxis.allCases.map(\.rawValue)
            let chosen = try CompletionContext.choice("axis", word, among: words)
            app.settings.axis = ChartSettings.HorizontalAxis(rawValue: chosen) ?? app.settings.axis
        }
        views.refresh(app)
    }

    private static func view(_ word: String) throws(CommandError) -> ViewKind {
        if let view = ViewKind(word: word) { return view }
        let name = try CompletionContext.choice("view", word.lowercased(), among: ViewKind.allCases.map(\.word))
        return ViewKind(word: name) ?? .overview
    }

    private static func isOn(_ word: String) throws(CommandError) -> Bool {
        switch word.lowercased() {
        case "on", "yes", "true": return true
        case "off", "no", "false": return false
        default: throw CommandError("“\(word)” is neither on nor off")
        }
    }

    /// Lets the view that is shown handle a request, or else the first of `candidates` that can.
    private mutating func handle(_ request: ViewRequest, in candidates: [ViewKind]) throws(CommandError) -> [Effect] {
        if let effects = try views.handle(request, &app) { return effects }
        let before = app.view
        var problem: CommandError?
        for view in candidates where view != before {
            show(view)
            do throws(CommandError) {
                if let effects = try views.handle(request, &app) { return effects }
            } catch {
                problem = problem ?? error
            }
        }
        show(before)
        throw problem ?? CommandError("nothing here does that")
    }

    private mutating func filter(_ text: String) throws(CommandError) {
        guard views.apply(text, app) else {
            throw CommandError("\(app.view.title) has no list to filter")
        }
    }
}

// MARK: - Runs and checkpoints

extension Model {
    private mutating func open(_ name: String) throws(CommandError) -> [Effect] {
        switch try views.completionContext(app).thing(named: name) {
        case .run(let path):
            show(.overview)
            return [.openRun(path)]
        case .checkpoint(let path): return try handle(.open(path: path), in: [.checkpoints])
        }
    }

    private mutating func compare(_ words: [String]) throws(CommandError) -> [Effect] {
        guard words.count == 2 else { throw CommandError(":compare A B: two names, not \(words.count)") }
        let context = views.completionContext(app)
        switch (try context.thing(named: words[0]), try context.thing(named: words[1])) {
        case (.run(let first), .run(let second)): return try handle(.compare(first, second), in: .runs)
        case (.checkpoint(let first), .checkpoint(let second)):
            return try handle(.compare(first, second), in: .checkpoints)
        default: throw CommandError("a run and a checkpoint can't be compared: two runs, or two checkpoints")
        }
    }

    private mutating func handle(_ request: ViewRequest, in view: ViewKind) throws(CommandError) -> [Effect] {
        show(view)
        return try views.handle(request, &app) ?? []
    }

    private mutating func mark(_ names: [String]) throws(CommandError) {
        guard names.count <= OverlaidRun.most else {
            throw CommandError("\(names.count) runs can't be told apart: at most \(OverlaidRun.most)")
        }
        let context = views.completionContext(app)
        var paths: [String] = []
        for name in names { paths.append(try context.runPath(named: name)) }
        app.marks = paths
        views.refresh(app)
        app.note("marked \(names.joined(separator: ", "))")
    }
}
