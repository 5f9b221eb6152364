import Canvas
import EventLog
import Runs

/// View 7: the texts of a run: its engine's log, and the texts in its event log. It follows the end until the user
/// moves up, and has a search.
struct LogView: DashboardView {
    private var sources: [LogSource] = []
    private var source = 0
    /// The number of lines below the window.
    private var distance = 0
    private var search = FilterField()
    private var matches = Matches()
    private static let page = 10

    /// The matches of a search: a flag for each line, or none without a search.
    private struct Matches: Sendable {
        var search = ""
        var lines: [String] = []
        var flags: [Bool] = []
    }

    private var lines: [String] { sources[safe: source]?.lines ?? [] }

    mutating func refresh(_ app: AppState) {
        let name = sources[safe: source]?.name
        let before = lines.count
        sources = app.run.map(LogSource.all) ?? []
        source = sources.firstIndex { $0.name == name } ?? 0
        // While older lines are looked at, newer ones don't move them.
        if distance > 0, sources[safe: source]?.name == name { distance += max(0, lines.count - before) }
        distance = max(0, min(distance, lines.count - 1))
        refreshMatches()
    }

    private mutating func refreshMatches() {
        guard matches.search != search.text || matches.lines != lines else { return }
        let wanted = ListFilter(search.text)
        let flags = search.isEmpty ? [] : lines.map { wanted.matches(.init(name: $0)) }
        matches = Matches(search: search.text, lines: lines, flags: flags)
    }

    /// Typing scrolls to the last match at once.
    mutating func intercept(_ key: Key, _ app: inout AppState) -> [Effect]? {
        guard search.update(key) else { return nil }
        refreshMatches()
        find(from: lines.count, backwards: true)
        return []
    }

    var listFilter: FilterField? {
        get { search }
        set { if let newValue { search = newValue } }
    }

    mutating func goBack() -> Bool { search.clear() }

    mutating func update(_ action: KeyAction, _ app: inout AppState) -> [Effect] {
        switch action {
        case .previousMatch: find(from: lines.count - 1 - distance, backwards: true)
        case .nextMatch: find(from: lines.count - 1 - distance, backwards: false)
        case .previousTag: choose(source - 1)
        case .nextTag: choose(source + 1)
        case .moveUp: distance += 1
        case .moveDown: distance -= 1
        case .pageUp: distance += Self.page
        case .pageDown: distance -= Self.page
        case .moveToStart: distance = lines.count
        case .moveToEnd: distance = 0
        default: break
        }
        distance = max(0, min(distance, lines.count - 1))
        refreshMatches()
        return []
    }

    private mutating func choose(_ place: Int) {
        source = max(0, min(place, sources.count - 1))
        distance = 0
    }

    private func matches(_ index: Int) -> Bool { matches.flags[safe: index] ?? false }

    /// Scrolls to the next match before or after `line`, if there is one.
    private mutating func find(from line: Int, backwards: Bool) {
        let flags = matches.flags
        let found =
            backwards
            ? flags[..<max(0, min(line, flags.count))].lastIndex(of: true)
            : flags[max(0, min(line + 1, flags.count))...].firstIndex(of: true)
        guard let found else { return }
        distance = lines.count - 1 - found
    }

    func draw(into frame: inout Frame, in rect: Rect, _ app: AppState) {
        guard app.run != nil else {
            NoRunsMessage(folders: app.watchedFolders).draw(into: &frame, in: rect)
            return
        }
        drawSources(into: &frame, in: rect.split(top: 1).top)
        let body = rect.split(top: 1).rest
        guard !lines.isEmpty else {
            frame.pane("", in: body, note: "no words yet: neither from an engine nor in the log (add_text)")
            return
        }
        drawLines(into: &frame, in: body)
    }

    private func drawSources(into frame: inout Frame, in rect: Rect) {
        var column = search.draw(into: &frame, row: 0, column: 0, in: rect)
        if !search.isEmpty {
            let count = matches.flags.count { $0 }
            column = frame.write("  \(count) lines match", row: 0, column: column, in: rect, .dim) + 2
        }
        for (place, source) in sources.enumerated() {
            let name = source.name.fitted(to: 30)
            guard column + name.columns + 8 <= rect.columns else { break }
            column = frame.write(name, row: 0, column: column, in: rect, place == self.source ? .title : .dim)
            column = frame.write(" \(source.lines.count)", row: 0, column: column, in: rect, .border) + 2
        }
        if distance > 0 {
            let below = "\(distance) below"
            frame.write(below, row: 0, column: max(column, rect.columns - below.columns), in: rect, .warning)
        }
    }

    /// Draws the lines from the last one upwards, long ones folded.
    private func drawLines(into frame: inout Frame, in rect: Rect) {
        let last = lines.count - 1 - distance
        var folded: [(text: String, style: Style)] = []
        var index = last
        while index >= 0, folded.count < rect.rows {
            let style = lineStyle(index)
            folded = lines[index].folded(to: rect.columns).map { ($0, style) } + folded
            index -= 1
        }
        // Where there is room below the last line at the beginning of the words, later ones fill it.
        index = last + 1
        while index < lines.count, folded.count < rect.rows {
            let style = lineStyle(index)
            folded += lines[index].folded(to: rect.columns).map { ($0, style) }
            index += 1
        }
        let shown = distance == 0 || folded.count > rect.rows ? folded.suffix(rect.rows) : folded[...]
        for (row, line) in shown.enumerated() {
            frame.write(line.text, row: row, in: rect, line.style)
        }
    }

    private func lineStyle(_ index: Int) -> Style {
        matches(index) ? Style(.accent, .bold) : .text
    }
}
