import Canvas

/// One view of the dashboard: a value that remembers what concerns it alone, and draws itself from that and the desk.
///
/// A new view is a type of its own, a case of `ViewKind`, a property and three lines in `Views`, and its rows in the key
/// table.
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

    /// The mouse, at a row and a column of the view's own room.
    mutating func point(_ pointer: Pointer, _ desk: inout Desk) -> [Effect]

    func draw(into frame: inout Frame, in rect: Rect, _ desk: Desk)
}

extension DashboardView {
    mutating func follow(_ desk: Desk) {}

    var isBehind: Bool { false }

    mutating func type(_ key: Key, _ desk: inout Desk) -> [Effect]? { nil }

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
