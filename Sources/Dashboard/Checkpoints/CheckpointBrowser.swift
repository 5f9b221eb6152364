import Canvas
import EventLog
import Runs

/// View 5: the checkpoints of the open run or of a folder; one of them opened; two of them compared.
struct CheckpointBrowser: DashboardView {
    private var run: RunDirectory?
    private(set) var list = CheckpointList()
    private(set) var page: CheckpointPage?
    private(set) var comparison: ComparisonPage?
    private var working: String?
    /// The request that is being answered, so that it is not sent twice.
    private var asked: CheckpointRequest?

    /// The checkpoint that actions apply to: the open one, or the chosen one of the list.
    private var subject: String? { comparison == nil ? page?.path ?? list.chosen?.path : nil }

    // MARK: - What arrives

    /// Takes the open run's checkpoints; another run resets the view.
    mutating func refresh(_ app: AppState) {
        if app.isBrowsing { return }
        if app.run?.directory != run {
            let filter = list.filter
            self = CheckpointBrowser()
            list.filter = filter
            run = app.run?.directory
        }
        list.load(app.run?.checkpointEntries ?? [])
    }

    mutating func receive(_ response: CheckpointResponse, _ app: AppState) -> [Effect] {
        switch response {
        case .listed(let folder, let entries): if folder == app.browsedFolder { load(entries, of: folder) }
        case .opened(let table): if page?.path == table.path { page?.receive(table) }
        case .examined(let path, let picture): if page?.path == path { page?.receive(picture) }
        case .channels(let path, let channels): if page?.path == path { page?.receive(channels) }
        case .failed(let path, let problem):
            if comparison != nil { comparison?.fail(problem) } else if page?.path == path { page?.fail(problem) }
        case .compared(let first, let second, let result):
            if comparison?.first == first, comparison?.second == second { comparison?.receive(result) }
        case .vanished(let path): if page?.path == path { page?.fail("it is not there any more: deleted or renamed") }
        case .evaluated(let path, let summary): list.receive(summary, of: path)
        case .working(let words): working = words
        // A file was written or deleted; a run's own files are watched anyway.
        case .done: if let folder = app.browsedFolder { return [.checkpoint(.list(folder: folder))] }
        case .refused: break
        }
        return reading()
    }

    /// Takes the checkpoints of the browsed folder; where a file was named instead of a folder, it is opened at once.
    private mutating func load(_ entries: [CheckpointEntry], of folder: String) {
        let isFirst = list.all.isEmpty
        list.load(entries)
        // Looking into the folder ended what was being read.
        asked = nil
        if isFirst, entries.map(\.path) == [folder] { open() }
    }

    // MARK: - Keys

    /// The filter of the list, or of the open checkpoint's tree.
    var listFilter: FilterField? {
        get { comparison != nil ? nil : page?.filter ?? list.filter }
        set {
            guard let newValue, comparison == nil else { return }
            if page != nil { page?.filter = newValue } else { list.filter = newValue }
        }
    }

    mutating func filterChanged(_ app: AppState) -> [Effect] { reading() }

    var listedCheckpoints: [CheckpointEntry]? { list.all }

    func offersLayers(_ app: AppState) -> Bool { comparison == nil && page?.table?.layers.isEmpty == false }

    mutating func handle(_ request: ViewRequest, _ app: inout AppState) throws(CommandError) -> [Effect]? {
        switch request {
        case .open(let path): (page, comparison) = (CheckpointPage(path: path), nil)
        case .compare(let first, let second): comparison = ComparisonPage(first: first, second: second)
        case .layer(let name):
            guard page?.choose(layer: name) == true else { return nil }
        default: return nil
        }
        return reading()
    }

    mutating func update(_ action: KeyAction, _ app: inout AppState) -> [Effect] {
        switch action {
        case .open: open()
        case .mark: if page == nil, comparison == nil { list.mark() }
        case .compare: return compare(&app)
        case .resumeFrom, .evaluateSaved, .convert, .deleteCheckpoint: return work(action, &app)
        case .previousLayer: page?.chooseLayer(-1)
        case .nextLayer: page?.chooseLayer(1)
        default: move(action)
        }
        return reading()
    }

    private mutating func move(_ action: KeyAction) {
        if comparison != nil {
            comparison?.move(action)
        } else if page != nil {
            page?.move(action)
        } else {
            list.move(action)
        }
    }

    mutating func click(row: Int, column: Int, _ app: inout AppState) -> [Effect] {
        guard comparison == nil, row >= 1 else { return reading() }
        let rows = app.body.rows
        if page == nil { list.click(line: row - 1, rows: rows - 4) } else { page?.click(line: row - 1, rows: rows - 1) }
        return reading()
    }

    mutating func goBack() -> Bool {
        if comparison != nil {
            comparison = nil
        } else if page == nil {
            return list.clearFilter()
        } else if page?.goBack() == false {
            page = nil
        }
        return true
    }

    private mutating func open() {
        guard comparison == nil else { return }
        if page != nil {
            page?.enlarge()
        } else if let path = list.chosen?.path {
            page = CheckpointPage(path: path)
        }
    }

    private mutating func compare(_ app: inout AppState) -> [Effect] {
        guard list.marked.count == 2 else {
            app.refuse("mark two checkpoints with \(app.keys.name(of: .mark)) first")
            return []
        }
        comparison = ComparisonPage(first: list.marked[0], second: list.marked[1])
        return reading()
    }

    /// Carries out an action on the chosen checkpoint.
    private func work(_ action: KeyAction, _ app: inout AppState) -> [Effect] {
        guard let path = subject else { return [] }
        switch action {
        case .evaluateSaved:
            guard app.run.map({ $0.isForeign && $0.checkpoints.contains { $0.path == path } }) != true else {
                let word = app.run?.status?.programWord ?? ""
                app.refuse(
                    "only its \(word) script knows the network and the images: :evaluate asks it while it trains")
                return []
            }
            return [.checkpoint(.evaluate(path: path))]
        case .convert:
            app.dialog = .convert(ConversionEntry(path, structureIsKnown: structureIsKnown(of: path, app)))
        case .deleteCheckpoint: app.dialog = .deleteCheckpoint(path: path)
        default: return resume(from: path, &app)
        }
        return []
    }

    /// Whether the network's structure is known: of a run's checkpoint from its experiment, of a module from the file.
    private func structureIsKnown(of path: String, _ app: AppState) -> Bool {
        app.run.map { !$0.isForeign && $0.checkpoints.contains { $0.path == path } } == true
            || page.map { $0.path == path && $0.table?.classes.isEmpty == false } ?? false
    }

    private func resume(from path: String, _ app: inout AppState) -> [Effect] {
        guard let run = app.run, run.checkpoints.contains(where: { $0.path == path }) else {
            app.refuse("\(FileName.of(path)) belongs to no run here: normscope train --init starts a new one with it")
            return []
        }
        guard !run.isTraining else {
            app.refuse("\(run.name) is training: stop it first (:stop)")
            return []
        }
        if let way = run.status?.foreignResume {
            app.refuse(way)
            return []
        }
        return [.checkpoint(.resume(path: path, run: run.directory.path))]
    }

    /// Requests what the chosen item needs, unless that was requested already.
    private mutating func reading() -> [Effect] {
        guard let wanted = comparison?.request ?? page?.request else {
            defer { asked = nil }
            return asked == nil || page != nil || comparison != nil ? [] : [.checkpoint(.stopReading)]
        }
        guard asked?.covers(wanted) != true else { return [] }
        asked = wanted
        return [.checkpoint(wanted)]
    }

    // MARK: - The picture

    func draw(into frame: inout Frame, in rect: Rect, _ app: AppState) {
        let (body, foot) = working == nil ? (rect, rect.split(top: 0).top) : rect.split(top: rect.rows - 1)
        if let comparison {
            comparison.draw(into: &frame, in: body)
        } else if let page {
            page.draw(into: &frame, in: body)
        } else {
            if !app.isBrowsing, app.run == nil {
                return NoRunsMessage(folders: app.watchedFolders).draw(into: &frame, in: body)
            }
            list.draw(into: &frame, in: body, now: app.now, empty: empty(app), app.keys)
        }
        if let working { frame.write(working.fitted(to: foot.columns), in: foot, .warning) }
    }

    private func empty(_ app: AppState) -> String {
        if let folder = app.browsedFolder {
            return "no checkpoints in \(folder): .pth, .pt, .ckpt, .bin or .safetensors"
        }
        guard app.run?.isTraining == true else {
            return "none was written; normscope inspect FILE opens any checkpoint"
        }
        guard app.run?.canDo(.checkpoint) == true else { return "none yet" }
        return "none yet: \(app.keys.name(of: .checkpoint)) writes one"
            + (app.run?.isForeign == true ? "" : ", and every epoch does")
    }
}
