/// An item of a list; `listID` tells it from the others while the list changes.
protocol ListItem: Sendable {
    associatedtype ListID: Equatable, Sendable
    var listID: ListID { get }
}

extension String: ListItem {
    var listID: String { self }
}

/// A list with a filter and a cursor: the items that pass the filter, the chosen one, and the lines that a window shows.
///
/// Invariant: the cursor is on an item wherever there is one. It belongs to the item, not to the line: when items come, go
/// or change places, it stays on the chosen one as `CursorRule` says.
struct FilteredList<Item: ListItem>: Sendable {
    /// Where the cursor goes when the list changes.
    enum CursorRule: Sendable {
        /// With its item; where that is gone, it keeps the line and takes the item there.
        case staysOnItem
        /// The same, but on the first line it stays there: whoever looks at the newest goes on looking at the newest.
        case staysAtTop
        /// With its item; while that is gone, the first line stands for it, and the item is not forgotten.
        case returnsToItem
    }

    /// The items that pass the filter, in the order in which they are shown.
    private(set) var items: [Item] = []
    /// The number of items with and without the filter.
    private(set) var total = 0
    private(set) var cursor = ListCursor()
    /// The chosen item; nil before there was one.
    private(set) var chosenID: Item.ListID?
    var filter = FilterField()
    private let rule: CursorRule

    init(_ rule: CursorRule = .staysOnItem) { self.rule = rule }

    /// The item under the cursor.
    var chosen: Item? { items[safe: cursor.index] }

    // MARK: - Changes

    /// Takes the items that there are now.
    mutating func show(_ all: [Item], _ description: (Item) -> ListFilter.Item) {
        show(filter.passing(all, description), of: all.count)
    }

    /// Takes the items that pass the filter now, of so many.
    mutating func show(_ items: [Item], of total: Int) {
        self.items = items
        self.total = total
        let place = chosenID.flatMap { id in items.firstIndex { $0.listID == id } }
        if rule == .returnsToItem { return cursor.move(to: place ?? 0, count: items.count) }
        cursor.move(to: place ?? cursor.index, count: items.count)
        remember()
    }

    private mutating func remember() {
        chosenID = rule == .staysAtTop && cursor.index == 0 ? nil : chosen?.listID ?? chosenID
    }

    /// Takes the filter away; false if there was none.
    mutating func clearFilter() -> Bool { filter.clear() }

    // MARK: - Choosing

    mutating func move(_ action: KeyAction) {
        cursor.update(action, count: items.count)
        remember()
    }

    mutating func choose(index: Int) {
        cursor.move(to: index, count: items.count)
        remember()
    }

    /// Chooses an item, also one that is not listed yet.
    mutating func choose(_ id: Item.ListID?) {
        chosenID = id
        if let place = items.firstIndex(where: { $0.listID == id }) { cursor.move(to: place, count: items.count) }
    }

    /// Chooses what was clicked on.
    ///
    /// - Parameters:
    ///   - line: counted from the first line of the window.
    ///   - rows: the window's height, as `lines` was given it.
    mutating func click(line: Int, rows: Int) {
        let index = cursor.firstLine(rows: rows, count: items.count) + line
        if line >= 0, line < rows, items.indices.contains(index) { choose(index: index) }
    }

    // MARK: - The window

    /// The lines of a window with so many rows.
    func lines(_ rows: Int) -> [(item: Item, isChosen: Bool)] {
        let first = cursor.firstLine(rows: rows, count: items.count)
        return items.dropFirst(first).prefix(max(0, rows)).enumerated().map { line, item in
            (item, first + line == cursor.index)
        }
    }
}
