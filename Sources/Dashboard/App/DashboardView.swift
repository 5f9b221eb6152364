import Canvas

/// One view of the dashboard: a value that remembers what concerns it alone, and draws itself from that and the desk.
///
/// A new view is a type of its own, a case of `ViewKind`, a property and a case of each switch in `Views`, and its rows in the
/// key table.
protocol DashboardView: Sendable {
    /// Takes in what the files hold now, and settings that changed; called while the view is on the screen. Costs what is
    /// new.
    mutating func follow(_ desk: Desk)

    /// Whether `follow` had more to take in than there was time for, and wants to be called again.
    var isBehind: Bool { get }

    /// Carries out an action that the key table gives to this view and the desk doesn't know.
    mutating func update(_ action: Action, _ desk: inout Desk) -> [Effect]

    /// A key before the key table sees it, for text that is being typed; nil leaves it to the table.
    mutating func type(_ key: Key, _ desk: inout Desk) -> [Effect]?

    /// The filter of the list that is shown; nil where there is none.
    var listFilter: FilterField? { get set }

    /// Writes down what the user set up here, and takes it over again at the next start.
    func remember(in memory: inout ScreenMemory)
    mutating func recall(_ memory: ScreenMemory)

    /// Does what the command line asks of this view; nil if that is nothing that the view knows.
    mutating func fulfil(_ wish: Wish, _ desk: inout Desk) throws(CommandProblem) -> [Effect]?

    /// The mouse, at a row and a column of the view's own room.
    mutating func point(_ pointer: Pointer, _ desk: inout Desk) -> [Effect]

    func draw(into frame: inout Frame, in rect: Rect, _ desk: Desk)

    /// The numbers behind what is drawn; nil where there are none.
    func table(_ desk: Desk) -> ShownTable?
}

extension DashboardView {
    mutating func follow(_ desk: Desk) {}

    var isBehind: Bool { false }

    func table(_ desk: Desk) -> ShownTable? { nil }

    mutating func type(_ key: Key, _ desk: inout Desk) -> [Effect]? { typeIntoFilter(key, desk) }

    /// Nil if no filter is being typed.
    mutating func typeIntoFilter(_ key: Key, _ desk: Desk) -> [Effect]? {
        guard listFilter?.update(key) == true else { return nil }
        follow(desk)
        return []
    }

    var listFilter: FilterField? {
        get { nil }
        set { _ = newValue }
    }

    func remember(in memory: inout ScreenMemory) {}
    mutating func recall(_ memory: ScreenMemory) {}

    mutating func fulfil(_ wish: Wish, _ desk: inout Desk) throws(CommandProblem) -> [Effect]? { nil }

    /// The wheel moves as the arrows do.
    mutating func point(_ pointer: Pointer, _ desk: inout Desk) -> [Effect] {
        switch pointer.action {
        case .wheelUp: update(.moveUp, &desk)
        case .wheelDown: update(.moveDown, &desk)
        case .press: []
        }
    }

    fileprivate mutating func take(_ event: ViewEvent, _ desk: inout Desk) -> [Effect]? {
        switch event {
        case .files:
            follow(desk)
            return []
        case .action(let action): return update(action, &desk)
        case .key(let key): return type(key, &desk)
        case .pointer(let pointer): return point(pointer, &desk)
        }
    }

    /// Whether there is a list here that a filter can be put on.
    fileprivate mutating func apply(_ filter: String, _ desk: Desk) -> Bool {
        guard listFilter != nil else { return false }
        listFilter?.apply(filter)
        follow(desk)
        return true
    }
}

/// What the command line asks of a view, with names already turned into paths.
enum Wish: Equatable {
    case open(path: String)
    case compare(String, String)
    case layer(String)
    case tag(String)
    case sort(String)
}

/// What a view is told.
enum ViewEvent {
    case files
    case action(Action)
    case key(Key)
    case pointer(Pointer)
}

/// All views, each with what it remembers while another one is shown.
struct Views: Sendable {
    private var overview = Overview()
    private var curves = Curves()
    private var batchNorm = BatchNorm()
    private var distributions = Distributions()
    private var checkpoints: CheckpointBrowser
    private var runs = RunList()
    private var log = LogView()
    private var images = ImagePage()

    /// - Parameter browsing: a folder whose checkpoints are shown instead of the open run's.
    init(browsing folder: String?) {
        checkpoints = CheckpointBrowser(folder: folder)
    }

    /// Hands on what came of a request for a checkpoint, whatever is on the screen.
    mutating func take(_ news: CheckpointNews) -> [Effect] { checkpoints.take(news).map(Effect.checkpoint) }

    /// Tells the view that is shown; nil means that the event was not for it.
    mutating func take(_ event: ViewEvent, _ desk: inout Desk) -> [Effect]? {
        switch desk.view {
        case .overview: overview.take(event, &desk)
        case .curves: curves.take(event, &desk)
        case .batchNorm: batchNorm.take(event, &desk)
        case .histograms: distributions.take(event, &desk)
        case .checkpoints: checkpoints.take(event, &desk)
        case .runs: runs.take(event, &desk)
        case .log: log.take(event, &desk)
        case .images: images.take(event, &desk)
        }
    }

    func table(_ desk: Desk) -> ShownTable? {
        switch desk.view {
        case .overview: overview.table(desk)
        case .curves: curves.table(desk)
        case .batchNorm: batchNorm.table(desk)
        case .images: nil
        case .histograms: distributions.table(desk)
        case .checkpoints: checkpoints.table(desk)
        case .runs: runs.table(desk)
        case .log: log.table(desk)
        }
    }

    /// Whether the checkpoint on the screen has normalization layers to go to.
    var offersLayers: Bool { checkpoints.offersLayers }
    /// Whether checkpoints of a folder are shown and not a run's.
    var isBrowsing: Bool { checkpoints.isBrowsing }

    /// Asks the view that is shown.
    mutating func fulfil(_ wish: Wish, _ desk: inout Desk) throws(CommandProblem) -> [Effect]? {
        switch desk.view {
        case .overview: try overview.fulfil(wish, &desk)
        case .curves: try curves.fulfil(wish, &desk)
        case .batchNorm: try batchNorm.fulfil(wish, &desk)
        case .images: try images.fulfil(wish, &desk)
        case .histograms: try distributions.fulfil(wish, &desk)
        case .checkpoints: try checkpoints.fulfil(wish, &desk)
        case .runs: try runs.fulfil(wish, &desk)
        case .log: try log.fulfil(wish, &desk)
        }
    }

    /// Puts a filter on a view's list; false if it has none.
    mutating func apply(_ filter: String, to view: ViewKind, _ desk: Desk) -> Bool {
        switch view {
        case .overview: overview.apply(filter, desk)
        case .curves: curves.apply(filter, desk)
        case .batchNorm: batchNorm.apply(filter, desk)
        case .images: images.apply(filter, desk)
        case .histograms: distributions.apply(filter, desk)
        case .checkpoints: checkpoints.apply(filter, desk)
        case .runs: runs.apply(filter, desk)
        case .log: log.apply(filter, desk)
        }
    }

    func filter(of view: ViewKind) -> FilterField? {
        switch view {
        case .overview: overview.listFilter
        case .curves: curves.listFilter
        case .batchNorm: batchNorm.listFilter
        case .images: images.listFilter
        case .histograms: distributions.listFilter
        case .checkpoints: checkpoints.listFilter
        case .runs: runs.listFilter
        case .log: log.listFilter
        }
    }

    func remember(in memory: inout ScreenMemory) {
        for view in ViewKind.allCases { memory.filters[view.word] = filter(of: view)?.kept }
        memory.filters = memory.filters.filter { !$0.value.isEmpty }
        curves.remember(in: &memory)
        distributions.remember(in: &memory)
        runs.remember(in: &memory)
    }

    mutating func recall(_ memory: ScreenMemory, _ desk: Desk) {
        for view in ViewKind.allCases {
            if let filter = memory.filters[view.word] { _ = apply(filter, to: view, desk) }
        }
        curves.recall(memory)
        distributions.recall(memory)
        runs.recall(memory)
    }

    /// The checkpoints that can be named, and the columns that the runs can be sorted by.
    func vocabulary(_ desk: Desk) -> Vocabulary {
        let listed = checkpoints.isOfFolder ? checkpoints.list.all : desk.run?.checkpointEntries ?? []
        return Vocabulary(desk, checkpoints: listed, columns: runs.columnTitles)
    }

    func isBehind(_ view: ViewKind) -> Bool {
        switch view {
        case .overview: overview.isBehind
        case .curves: curves.isBehind
        case .batchNorm: batchNorm.isBehind
        case .histograms: distributions.isBehind
        case .checkpoints: checkpoints.isBehind
        case .runs: runs.isBehind
        case .log: log.isBehind
        case .images: images.isBehind
        }
    }

    func draw(into frame: inout Frame, in rect: Rect, _ desk: Desk) {
        switch desk.view {
        case .overview: overview.draw(into: &frame, in: rect, desk)
        case .curves: curves.draw(into: &frame, in: rect, desk)
        case .batchNorm: batchNorm.draw(into: &frame, in: rect, desk)
        case .histograms: distributions.draw(into: &frame, in: rect, desk)
        case .checkpoints: checkpoints.draw(into: &frame, in: rect, desk)
        case .runs: runs.draw(into: &frame, in: rect, desk)
        case .log: log.draw(into: &frame, in: rect, desk)
        case .images: images.draw(into: &frame, in: rect, desk)
        }
    }
}
