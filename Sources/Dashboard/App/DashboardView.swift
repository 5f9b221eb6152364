import Canvas

/// One view of the dashboard: a value that remembers what concerns it alone, and draws itself from that and the shared state.
///
/// A new view is a type of its own, a case of `ViewKind` (whose `newView` makes it), and its rows in the key table.
protocol DashboardView: Sendable {
    /// Takes in what the files hold now, and settings that changed; called while the view is on the screen. Costs what is
    /// new.
    mutating func refresh(_ app: AppState)

    /// Whether `refresh` ran out of time before it had taken in everything, and wants to be called again.
    var isBehind: Bool { get }

    /// Takes in what came of a request for a checkpoint, whichever view is on the screen.
    mutating func receive(_ response: CheckpointResponse, _ app: AppState) -> [Effect]

    // MARK: Keys and mouse

    /// Carries out an action that the key table gives to this view and that no other part of the dashboard handles.
    mutating func update(_ action: KeyAction, _ app: inout AppState) -> [Effect]

    /// Handles a key before the filter and the key table see it; nil leaves it to them.
    mutating func intercept(_ key: Key, _ app: inout AppState) -> [Effect]?

    /// Closes the innermost thing that is open in the view; false where the view itself is to be left.
    mutating func goBack() -> Bool

    /// Handles the wheel, with the pointer at a row and a column of the view.
    mutating func scroll(up: Bool, row: Int, column: Int, _ app: inout AppState) -> [Effect]

    /// Handles a click at a row and a column of the view.
    mutating func click(row: Int, column: Int, _ app: inout AppState) -> [Effect]

    // MARK: Filter and command line

    /// The filter of the list that is shown; nil where there is none.
    var listFilter: FilterField? { get set }

    /// Called when the filter was typed into, or what was open was closed.
    mutating func filterChanged(_ app: AppState) -> [Effect]

    /// Does what the command line asks of this view; nil if that is nothing that the view knows.
    mutating func handle(_ request: ViewRequest, _ app: inout AppState) throws(CommandError) -> [Effect]?

    /// The titles of the columns that the view can be sorted by.
    var columnTitles: [String] { get }

    /// The checkpoints that the view lists; nil where it lists none.
    var listedCheckpoints: [CheckpointEntry]? { get }

    // MARK: Memory and picture

    /// Writes down what the user set up here, for the next start.
    func save(to memory: inout ScreenMemory)

    /// Sets up what was written down at an earlier start.
    mutating func restore(from memory: ScreenMemory)

    func draw(into frame: inout Frame, in rect: Rect, _ app: AppState)

    /// The numbers behind what is drawn; nil where there are none.
    func table(_ app: AppState) -> CSVTable?

    /// Whether there are several normalization layers to go through.
    func offersLayers(_ app: AppState) -> Bool
}

/// What the command line asks of a view, with names already turned into paths.
enum ViewRequest: Equatable {
    case open(path: String)
    case compare(String, String)
    case layer(String)
    case tag(String)
    case sort(String)
}

/// A view that is one list with a filter.
protocol ListView: DashboardView {
    associatedtype Item: ListItem
    var list: FilteredList<Item> { get set }
}

extension ListView {
    var listFilter: FilterField? {
        get { list.filter }
        set { if let newValue { list.filter = newValue } }
    }

    mutating func goBack() -> Bool { list.clearFilter() }
}

// MARK: - What most views do

extension DashboardView {
    mutating func refresh(_ app: AppState) {}
    var isBehind: Bool { false }
    mutating func receive(_ response: CheckpointResponse, _ app: AppState) -> [Effect] { [] }

    mutating func intercept(_ key: Key, _ app: inout AppState) -> [Effect]? { nil }
    mutating func goBack() -> Bool { false }

    /// The wheel moves as the arrows do.
    mutating func scroll(up: Bool, row: Int, column: Int, _ app: inout AppState) -> [Effect] {
        update(up ? .moveUp : .moveDown, &app)
    }

    mutating func click(row: Int, column: Int, _ app: inout AppState) -> [Effect] { [] }

    var listFilter: FilterField? {
        get { nil }
        set { _ = newValue }
    }

    mutating func filterChanged(_ app: AppState) -> [Effect] {
        refresh(app)
        return []
    }

    mutating func handle(_ request: ViewRequest, _ app: inout AppState) throws(CommandError) -> [Effect]? { nil }
    var columnTitles: [String] { [] }
    var listedCheckpoints: [CheckpointEntry]? { nil }

    func save(to memory: inout ScreenMemory) {}
    mutating func restore(from memory: ScreenMemory) {}
    func table(_ app: AppState) -> CSVTable? { nil }
    func offersLayers(_ app: AppState) -> Bool { (app.run?.layers.count ?? 0) > 1 }
}

// MARK: - What all views do

extension DashboardView {
    /// Handles an action: what every view does alike, or else what this one does.
    mutating func handle(_ action: KeyAction, _ app: inout AppState) -> [Effect] {
        switch action {
        case .back:
            if !goBack() { app.leaveView() }
            return filterChanged(app)
        case .filter:
            listFilter?.begin()
            return filterChanged(app)
        default: return update(action, &app)
        }
    }

    /// Handles a key before the key table sees it; nil leaves it to the table.
    mutating func handle(_ key: Key, _ app: inout AppState) -> [Effect]? {
        if let effects = intercept(key, &app) { return effects }
        return listFilter?.update(key) == true ? filterChanged(app) : nil
    }

    /// Handles the mouse, at a row and a column of the view.
    mutating func handle(_ pointer: Pointer, _ app: inout AppState) -> [Effect] {
        let (row, column) = (pointer.row, pointer.column)
        return switch pointer.gesture {
        case .wheelUp: scroll(up: true, row: row, column: column, &app)
        case .wheelDown: scroll(up: false, row: row, column: column, &app)
        case .press: click(row: row, column: column, &app)
        }
    }

    /// Puts a filter on the list that is shown; false if there is none.
    mutating func apply(_ filter: String, _ app: AppState) -> Bool {
        guard listFilter != nil else { return false }
        listFilter?.apply(filter)
        refresh(app)
        return true
    }
}
