import Canvas

/// The views of the dashboard, each with its own state while another one is shown.
struct Views: Sendable {
    /// By the raw values of their kinds. They are used in place here: a view that was taken out, changed and put back would
    /// be copied with everything that it keeps.
    private var views: [any DashboardView]

    init() {
        let kinds = ViewKind.allCases.sorted { $0.rawValue < $1.rawValue }
        views = kinds.map(\.newView)
    }

    // MARK: - The view that is shown

    mutating func refresh(_ app: AppState) { views[app.view.rawValue].refresh(app) }

    func isBehind(_ app: AppState) -> Bool { views[app.view.rawValue].isBehind }

    mutating func handle(_ action: KeyAction, _ app: inout AppState) -> [Effect] {
        views[app.view.rawValue].handle(action, &app)
    }

    /// Nil leaves the key to the key table.
    mutating func handle(_ key: Key, _ app: inout AppState) -> [Effect]? {
        views[app.view.rawValue].handle(key, &app)
    }

    mutating func handle(_ pointer: Pointer, _ app: inout AppState) -> [Effect] {
        views[app.view.rawValue].handle(pointer, &app)
    }

    mutating func handle(_ request: ViewRequest, _ app: inout AppState) throws(CommandError) -> [Effect]? {
        try views[app.view.rawValue].handle(request, &app)
    }

    /// Puts a filter on the view's list; false if it has none.
    mutating func apply(_ filter: String, _ app: AppState) -> Bool { views[app.view.rawValue].apply(filter, app) }

    func isFilterTyped(_ app: AppState) -> Bool { views[app.view.rawValue].listFilter?.isTyping == true }

    func table(_ app: AppState) -> CSVTable? { views[app.view.rawValue].table(app) }

    func offersLayers(_ app: AppState) -> Bool { views[app.view.rawValue].offersLayers(app) }

    func draw(into frame: inout Frame, in rect: Rect, _ app: AppState) {
        views[app.view.rawValue].draw(into: &frame, in: rect, app)
    }

    // MARK: - All views

    /// Passes the answer to a request for a checkpoint to every view, shown or not.
    mutating func receive(_ response: CheckpointResponse, _ app: AppState) -> [Effect] {
        views.indices.flatMap { views[$0].receive(response, app) }
    }

    func save(to memory: inout ScreenMemory) {
        for kind in ViewKind.allCases {
            memory.filters[kind.word] = views[kind.rawValue].listFilter?.kept
            views[kind.rawValue].save(to: &memory)
        }
        memory.filters = memory.filters.filter { !$0.value.isEmpty }
    }

    mutating func restore(from memory: ScreenMemory, _ app: AppState) {
        for kind in ViewKind.allCases {
            if let filter = memory.filters[kind.word] { _ = views[kind.rawValue].apply(filter, app) }
            views[kind.rawValue].restore(from: memory)
        }
    }

    /// What the command line can complete to in the view that is shown.
    func completionContext(_ app: AppState) -> CompletionContext {
        let listed = app.isBrowsing ? views.lazy.compactMap(\.listedCheckpoints).first : nil
        return CompletionContext(
            app, checkpoints: listed ?? app.run?.checkpointEntries ?? [], columns: views.flatMap(\.columnTitles))
    }
}

extension ViewKind {
    fileprivate var newView: any DashboardView {
        switch self {
        case .overview: Overview()
        case .curves: Curves()
        case .batchNorm: BatchNorm()
        case .histograms: Histograms()
        case .checkpoints: CheckpointBrowser()
        case .runs: RunList()
        case .log: LogView()
        case .images: ImagePage()
        }
    }
}
