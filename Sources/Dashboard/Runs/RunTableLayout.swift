import Canvas

/// The layout of the table's columns: the name always, then those that fit, scrolled so that the chosen one is visible.
struct RunTableLayout {
    /// The visible columns by their indices in the table.
    let places: [(column: Int, start: Int, width: Int)]

    private static let margin = 2
    private static let gap = 2
    private static let widest = 16

    init(_ table: RunTable, column: Int, in rect: Rect) {
        let widths = table.columns.indices.map { Self.width(of: $0, in: table) }
        let room = rect.columns - Self.margin
        let name = max(12, min(widths[0], room / 3))
        var first = 1
        while first < column, Self.used(widths[first...column]) > room - name - Self.gap { first += 1 }
        var places = [(0, Self.margin, name)]
        var start = Self.margin + name + Self.gap
        for place in first..<widths.count {
            guard start + widths[place] <= rect.columns || place == first else { break }
            places.append((place, start, widths[place]))
            start += widths[place] + Self.gap
        }
        self.places = places.map { (column: $0.0, start: $0.1, width: $0.2) }
    }

    func place(atColumn column: Int) -> Int? {
        places.last { $0.start <= column }?.column
    }

    private static func used(_ widths: ArraySlice<Int>) -> Int { widths.reduce(0) { $0 + $1 + gap } }

    /// The width of a column: enough for the title with its arrow and for the contents, within limits.
    private static func width(of place: Int, in table: RunTable) -> Int {
        let title = table.columns[place].title.columns + 1
        switch table.columns[place] {
        case .name: return max(title, table.rows.prefix(200).map { min($0.name.columns, 40) }.max() ?? 0)
        // Enough for `! silent since 14:05:09` where one is.
        case .state: return table.rows.contains { $0.state.isSilent } ? 23 : 13
        case .step: return 9
        case .age: return 8
        case .loss, .accuracy: return 9
        case .setting(let name):
            let longest = table.rows.prefix(200).map { $0.settings[name]?.text.columns ?? 0 }.max() ?? 0
            return min(widest, max(title, longest))
        }
    }
}
