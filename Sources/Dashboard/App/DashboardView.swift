import Canvas

/// One view of the dashboard: a value that remembers what concerns it alone, and draws itself from that and the app.
///
/// A new view is a type of its own, a case of `ViewKind`, a property and a case of each switch in `Views`, and its rows in the
/// key table.
protocol DashboardView: Sendable {
    /// Takes in what the files hold now, and settings that changed; called while the view is on the screen. Costs what is
    /// new.
    mutating func refresh(_ app: AppState)

    /// Whether `refresh` had more to take in than there was time for, and wants to be called again.
    var isBehind: Bool { get }

    /// Carries out an action that the key table gives to this view and the app doesn't know.
    mutating func update(_ action: KeyAction, _ app: inout AppState) -> [Effect]

    /// A key before the key table sees it, for text that is being typed; nil leaves it to the table.
    mutating func type(_ key: Key, _ app: inout AppState) -> [Effect]?

    /// The filter of the list that is shown; nil where there is none.
    var listFilter: FilterField? { get set }

    /// Writes down what the user set up here, and takes it over again at the next start.
    func save(to memory: inout ScreenMemory)
    mutating func restore(from memory: ScreenMemory)

    /// Does what the command line asks of this view; nil if that is nothing that the view knows.
    mutating func handle(_ request: ViewRequest, _ app: inout AppState) throws(CommandProblem) -> [Effect]?

    /// The mouse, at a row and a column of the view's own room.
    mutating func point(_ pointer: Pointer, _ app: inout AppState) -> [Effect]

    func draw(into frame: inout Frame, in rect: Rect, _ app: AppState)

    /// The numbers behind what is drawn; nil where there are none.
    func table(_ app: AppState) -> CSVTable?
}

extension DashboardView {
    mutating func refresh(_ app: AppState) {}

    var isBehind: Bool { false }

    func table(_ app: AppState) -> CSVTable? { nil }

    mutating func type(_ key: Key, _ app: inout AppState) -> [Effect]? { typeIntoFilter(key, app) }

    /// Nil if no filter is being typed.
    mutating func typeIntoFilter(_ key: Key, _ app: AppState) -> [Effect]? {
        guard listFilter?.update(key) == true else { return nil }
        refresh(app)
        return []
    }

    var listFilter: FilterField? {
        get { nil }
        set { _ = newValue }
    }

    func save(to memory: inout ScreenMemory) {}
    mutating func restore(from memory: ScreenMemory) {}

    mutating func handle(_ request: ViewRequest, _ app: inout AppState) throws(CommandProblem) -> [Effect]? { nil }

    /// The wheel moves as the arrows do.
    mutating func point(_ pointer: Pointer, _ app: inout AppState) -> [Effect] {
        switch pointer.gesture {
        case .wheelUp: update(.moveUp, &app)
        case .wheelDown: update(.moveDown, &app)
        case .press: []
        }
    }

    fileprivate mutating func handle(_ event: ViewEvent, _ app: inout AppState) -> [Effect]? {
        switch event {
        case .files:
            refresh(app)
            return []
        case .action(let action): return update(action, &app)
        case .key(let key): return type(key, &app)
        case .pointer(let pointer): return point(pointer, &app)
        }
    }

    /// Whether there is a list here that a filter can be put on.
    fileprivate mutating func apply(_ filter: String, _ app: AppState) -> Bool {
        guard listFilter != nil else { return false }
        listFilter?.apply(filter)
        refresh(app)
        return true
    }
}

/// What the command line asks of a view, with names already turned into paths.
enum ViewRequest: Equatable {
    case open(path: String)
    case compare(String, String)
    case layer(String)
    case tag(String)
    case sort(String)
}

/// What a view is told.
enum ViewEvent {
    case files
    case action(KeyAction)
    case key(Key)
    case pointer(Pointer)
}

/// All views, each with what it remembers while another one is shown.
struct Views: Sendable {
    private var overview = Overview()
    private var curves = Curves()
    private var batchNorm = BatchNorm()
    private var histograms = Histograms()
    private var checkpoints: CheckpointBrowser
    private var runs = RunList()
    private var log = LogView()
    private var images = ImagePage()

    /// - Parameter browsing: a folder whose checkpoints are shown instead of the open run's.
    init(browsing folder: String?) {
        checkpoints = CheckpointBrowser(folder: folder)
    }

    /// Hands on what came of a request for a checkpoint, whatever is on the screen.
    mutating func receive(_ response: CheckpointResponse) -> [Effect] {
        checkpoints.receive(response).map(Effect.checkpoint)
    }

    /// Tells the view that is shown; nil means that the event was not for it.
    mutating func handle(_ event: ViewEvent, _ app: inout AppState) -> [Effect]? {
        switch app.view {
        case .overview: overview.handle(event, &app)
        case .curves: curves.handle(event, &app)
        case .batchNorm: batchNorm.handle(event, &app)
        case .histograms: histograms.handle(event, &app)
        case .checkpoints: checkpoints.handle(event, &app)
        case .runs: runs.handle(event, &app)
        case .log: log.handle(event, &app)
        case .images: images.handle(event, &app)
        }
    }

    func table(_ app: AppState) -> CSVTable? {
        switch app.view {
        case .overview: overview.table(app)
        case .curves: curves.table(app)
        case .batchNorm: batchNorm.table(app)
        case .images: nil
        case .histograms: histograms.table(app)
        case .checkpoints: checkpoints.table(app)
        case .runs: runs.table(app)
        case .log: log.table(app)
        }
    }

    /// Whether the checkpoint on the screen has normalization layers to go to.
    var offersLayers: Bool { checkpoints.offersLayers }
    /// Whether checkpoints of a folder are shown and not a run's.
    var isBrowsing: Bool { checkpoints.isBrowsing }

    /// Asks the view that is shown.
    mutating func handle(_ request: ViewRequest, _ app: inout AppState) throws(CommandProblem) -> [Effect]? {
        switch app.view {
        case .overview: try overview.handle(request, &app)
        case .curves: try curves.handle(request, &app)
        case .batchNorm: try batchNorm.handle(request, &app)
        case .images: try images.handle(request, &app)
        case .histograms: try histograms.handle(request, &app)
        case .checkpoints: try checkpoints.handle(request, &app)
        case .runs: try runs.handle(request, &app)
        case .log: try log.handle(request, &app)
        }
    }

    /// Puts a filter on a view's list; false if it has none.
    mutating func apply(_ filter: String, to view: ViewKind, _ app: AppState) -> Bool {
        switch view {
        case .overview: overview.apply(filter, app)
        case .curves: curves.apply(filter, app)
        case .batchNorm: batchNorm.apply(filter, app)
        case .images: images.apply(filter, app)
        case .histograms: histograms.apply(filter, app)
        case .checkpoints: checkpoints.apply(filter, app)
        case .runs: runs.apply(filter, app)
        case .log: log.apply(filter, app)
        }
    }

    func filter(of view: ViewKind) -> FilterField? {
        switch view {
        case .overview: overview.listFilter
        case .curves: curves.listFilter
        case .batchNorm: batchNorm.listFilter
        case .images: images.listFilter
        case .histograms: histograms.listFilter
        case .checkpoints: checkpoints.listFilter
        case .runs: runs.listFilter
        case .log: log.listFilter
        }
    }

    func save(to memory: inout ScreenMemory) {
        for view in ViewKind.allCases { memory.filters[view.word] = filter(of: view)?.kept }
        memory.filters = memory.filters.filter { !$0.value.isEmpty }
        curves.save(to: &memory)
        histograms.save(to: &memory)
        runs.save(to: &memory)
    }

    mutating func restore(from memory: ScreenMemory, _ app: AppState) {
        for view in ViewKind.allCases {
            if let filter = memory.filters[view.word] { _ = apply(filter, to: view, app) }
        }
        curves.restore(from: memory)
        histograms.restore(from: memory)
        runs.restore(from: memory)
    }

    /// The checkpoints that can be named, and the columns that the runs can be sorted by.
    func completionContext(_ app: AppState) -> CompletionContext {
        let listed = checkpoints.isOfFolder ? checkpoints.list.all : app.run?.checkpointEntries ?? []
        return CompletionContext(app, checkpoints: listed, columns: runs.columnTitles)
    }

    func isBehind(_ view: ViewKind) -> Bool {
        switch view {
        case .overview: overview.isBehind
        case .curves: curves.isBehind
        case .batchNorm: batchNorm.isBehind
        case .histograms: histograms.isBehind
        case .checkpoints: checkpoints.isBehind
        case .runs: runs.isBehind
        case .log: log.isBehind
        case .images: images.isBehind
        }
    }

    func draw(into frame: inout Frame, in rect: Rect, _ app: AppState) {
        switch app.view {
        case .overview: overview.draw(into: &frame, in: rect, app)
        case .curves: curves.draw(into: &frame, in: rect, app)
        case .batchNorm: batchNorm.draw(into: &frame, in: rect, app)
        case .histograms: histograms.draw(into: &frame, in: rect, app)
        case .checkpoints: checkpoints.draw(into: &frame, in: rect, app)
        case .runs: runs.draw(into: &frame, in: rect, app)
        case .log: log.draw(into: &frame, in: rect, app)
        case .images: images.draw(into: &frame, in: rect, app)
        }
    }
}
