import Runs
import Syntax

/// What the command line can complete to in the current state: the names of runs, checkpoints, layers and so on.
struct CompletionContext {
    let runs: [(name: String, path: String)]
    let checkpoints: [(name: String, path: String)]
    private let steps: [Int: String]
    let layers: [String]
    let tags: [String]
    let columns: [String]
    let themes: [String]
    let view: ViewKind
    let here: [KeyAction]

    init(_ app: AppState, checkpoints: [CheckpointEntry], columns: [String]) {
        runs = app.workspace?.runs.map { ($0.name, $0.directory.path) } ?? []
        self.checkpoints = checkpoints.map { ($0.name, $0.path) }
        steps = Dictionary(checkpoints.compactMap { entry in entry.step.map { ($0, entry.path) } }) { first, _ in first
        }
        layers = app.run?.layers.map(\.name) ?? []
        let log = app.run?.log
        let all =
            app.overlaid.flatMap { $0.log.scalars.tags } + (log.map { $0.histograms.tags + $0.tensors.tags } ?? [])
        var seen: Set<String> = []
        tags = all.filter { seen.insert($0).inserted }
        self.columns = columns
        themes = app.themes
        view = app.view
        here = app.keys.bindings(in: app.view).map(\.action)
    }

    /// The candidates for the arguments of a command.
    func words(behind verb: CommandSpec.Verb) -> [String] {
        switch verb {
        case .pause, .resume, .detach, .csv, .svg, .filter: []
        case .learningRate: ["x0.5", "x2", "1e-2", "1e-3", "1e-4"]
        case .pace: ["full", "x2", "x0.5", "100", "10"]
        case .momentum: ["0.1", "0.05", "0.01", "None"]
        case .set: ["lr=", "pace=", "momentum="] + layers.map { "momentum.\($0)=" }
        case .smoothing: ["0", "0.6", "0.9", "0.99"]
        case .horizontalAxis: ChartSettings.HorizontalAxis.allCases.map(\.rawValue)
        case .layer: layers
        case .tag: tags
        case .open, .compare: view == .checkpoints ? checkpoints.map(\.name) + runs.map(\.name) : allNames
        case .mark: runs.map(\.name)
        case .sort: columns
        case .view: ViewKind.allCases.map(\.word)
        case .theme: themes
        case .mouse: ["on", "off"]
        case .help: ParsedCommand.names
        }
    }

    private var allNames: [String] { runs.map(\.name) + checkpoints.map(\.name) }

    /// The names of the commands that do something in this view, sorted.
    var commands: [String] {
        let known = Set(here.map(\.name) + CommandTable.commands.map(\.name))
        return ParsedCommand.names.filter(known.contains).sorted()
    }

    // MARK: - What a name means

    enum Named: Equatable {
        case run(path: String)
        case checkpoint(path: String)
    }

    /// The run or checkpoint with a name; in the Checkpoints view, checkpoints first.
    func thing(named name: String) throws(CommandError) -> Named {
        let found = view == .checkpoints ? checkpoint(name) ?? run(name) : run(name) ?? checkpoint(name)
        if let found { return found }
        throw Self.unknown("run or checkpoint", name, among: allNames)
    }

    func runPath(named name: String) throws(CommandError) -> String {
        guard case .run(let path) = run(name) else { throw Self.unknown("run", name, among: runs.map(\.name)) }
        return path
    }

    private func run(_ name: String) -> Named? { Self.path(of: name, among: runs).map(Named.run) }

    /// The checkpoint with a name or a step.
    private func checkpoint(_ name: String) -> Named? {
        (Int(name).flatMap { steps[$0] } ?? Self.path(of: name, among: checkpoints)).map(Named.checkpoint)
    }

    /// The path for an exact name or path, or for the only name that begins or ends with it.
    private static func path(of name: String, among known: [(name: String, path: String)]) -> String? {
        if let exact = known.first(where: { $0.name == name || $0.path == name }) { return exact.path }
        let near = known.filter { $0.name.hasPrefix(name) || $0.name.hasSuffix(name) }
        return near.count == 1 ? near[0].path : nil
    }

    static func unknown(_ what: String, _ name: String, among known: [String]) -> CommandError {
        let nearest = Spelling.nearest(to: name, among: known)
        let advice = nearest.map { ": did you mean \($0)?" } ?? (known.isEmpty ? ": there is none" : "")
        return CommandError("no \(what) “\(name)”\(advice)")
    }

    /// The word itself if it is known, or the only known one that begins or ends with it.
    static func choice(_ what: String, _ word: String, among known: [String]) throws(CommandError) -> String {
        if let path = path(of: word, among: known.map { ($0, $0) }) { return path }
        throw unknown(what, word, among: known)
    }
}
