import Canvas
import Runs

/// The help of a view: its keys and commands by group; `/` searches those of all views.
struct Help: Equatable, Sendable {
    private var scroll = 0
    private var search = FilterField()
    /// Rows that PgUp and PgDn scroll.
    private static let page = 10

    init(about word: String = "") { search.apply(word) }

    /// Handles a key; returns whether the help stays open.
    mutating func update(_ key: Key, _ keys: Keymap, in view: ViewKind, window: Size) -> Bool {
        if search.update(key) {
            scroll = 0
            return true
        }
        let last = max(0, lines(keys, view).count - Self.rows(window))
        switch key {
        case .character("/"): search.begin()
        case .down, .character("j"): scroll += 1
        case .up, .character("k"): scroll -= 1
        case .pageDown, .character(" "): scroll += Self.page
        case .pageUp, .character("b"): scroll -= Self.page
        case .home, .character("g"): scroll = 0
        case .end, .character("G"): scroll = last
        case .escape where !search.isEmpty: search.clear()
        case .escape, .enter, .character("q"), .control("c"): return false
        default: if keys.binding(for: key, in: view)?.action == .help { return false }
        }
        scroll = max(0, min(scroll, last))
        return true
    }

    mutating func point(_ pointer: Pointer, _ keys: Keymap, in view: ViewKind, window: Size) -> Bool {
        switch pointer.gesture {
        case .wheelUp: update(.up, keys, in: view, window: window)
        case .wheelDown: update(.down, keys, in: view, window: window)
        case .press: false
        }
    }
}

// MARK: - What stands in it

extension Help {
    /// A row of the help: the key, the command, and what they do.
    struct Row: Equatable {
        let keys: String
        let name: String
        let explanation: String

        private let action: KeyAction?
        private let verb: CommandSpec.Verb?
        /// Whether the open run's engine can do it.
        var isPossible = true

        init(_ binding: KeyBinding) {
            (action, verb) = (binding.action, nil)
            keys = binding.keyNames
            name = ":" + binding.action.name
            explanation = binding.explanation
        }

        init(_ command: CommandSpec) {
            (action, verb) = (nil, command.verb)
            keys = ""
            name = command.usage
            explanation = command.explanation
        }

        /// The ability that the run's engine needs for it; nil where no engine is involved.
        func ability(of run: RunSnapshot) -> EngineAbility? {
            switch verb {
            case .pause: .pause
            case .resume: .resume
            case .learningRate: .setLearningRate
            case .pace: .setPace
            case .momentum: .setMomentum
            default: action?.ability(of: run)
            }
        }

        func mentions(_ filter: ListFilter) -> Bool { filter.matches(.init(name: "\(keys) \(name) \(explanation)")) }
    }

    enum Line: Equatable {
        case heading(String)
        case row(Row)
        case note(String)
        case gap
    }

    private static func marking(_ line: Line, _ run: RunSnapshot?) -> Line {
        guard case .row(var row) = line, let run, run.isTraining, let ability = row.ability(of: run) else {
            return line
        }
        row.isPossible = run.refusal(of: ability) == nil
        return .row(row)
    }

    func lines(_ keys: Keymap, _ view: ViewKind) -> [Line] {
        let here = keys.bindings(in: view)
        guard !search.isEmpty else { return Self.lines(here, CommandTable.commands, first: view.group) }
        let filter = ListFilter(search.text)
        let found = Self.lines(
            here.filter { Row($0).mentions(filter) }, CommandTable.commands.filter { Row($0).mentions(filter) },
            first: view.group)
        let others = ViewKind.allCases.filter { $0 != view }.flatMap { other in
            let rows = keys.bindings(in: other).filter { !$0.views.contains(view) && Row($0).mentions(filter) }
            return Self.lines(in: other, rows)
        }
        let all = found + others
        return all.isEmpty ? [.note("nothing here says that: Esc shows everything again")] : all
    }

    /// The lines of the help, group by group, the view's own group first; in a group the keys, then commands without a
    /// key.
    private static func lines(
        _ bindings: [KeyBinding], _ commands: [CommandSpec], first: KeyBinding.Group
    ) -> [Line] {
        let groups = [first] + KeyBinding.Group.allCases.filter { $0 != first }
        return groups.flatMap { group -> [Line] in
            let keys = bindings.filter { $0.group == group }.map(Row.init)
            let rows = keys + commands.filter { $0.group == group }.map(Row.init)
            return rows.isEmpty ? [] : [.heading(group.rawValue)] + rows.map(Line.row) + [.gap]
        }
    }

    /// The lines about keys that work in another view only.
    private static func lines(in view: ViewKind, _ bindings: [KeyBinding]) -> [Line] {
        bindings.isEmpty ? [] : [.heading("In \(view.title)")] + bindings.map { .row(Row($0)) } + [.gap]
    }
}

extension ViewKind {
    /// The group of keys that belongs to the view's purpose.
    fileprivate var group: KeyBinding.Group {
        switch self {
        case .overview: .steering
        case .batchNorm: .normalization
        case .images: .images
        case .curves, .histograms: .charts
        case .checkpoints: .checkpoints
        case .runs: .runs
        case .log: .words
        }
    }
}

// MARK: - The picture

extension Help {
    private static let nameColumns = 21

    /// The number of lines that fit into the window, without border, search and advice.
    private static func rows(_ window: Size) -> Int { max(1, window.rows - 5) }

    /// - Parameter run: the open run; what its engine can't do is marked.
    func draw(into frame: inout Frame, in rect: Rect, _ keys: Keymap, view: ViewKind, run: RunSnapshot? = nil) {
        let lines = lines(keys, view).map { Self.marking($0, run) }
        let rows = min(lines.count, Self.rows(rect.size))
        let room = frame.window(
            title: "Keys and commands in \(view.title)", rows: rows + 1, columns: 108, over: rect)
        let first = max(0, min(scroll, lines.count - rows))
        for (row, line) in lines.dropFirst(first).prefix(rows).enumerated() {
            draw(line, row: row, into: &frame, in: room)
        }
        drawFoot(first: first, rows: rows, count: lines.count, into: &frame, in: room)
    }

    private func drawFoot(first: Int, rows: Int, count: Int, into frame: inout Frame, in room: Rect) {
        let row = room.rows - 1
        var column = search.draw(into: &frame, row: row, column: 0, in: room)
        if search.isTyping { return }
        if column > 0 { column += 2 }
        column = frame.offer("/", "search", row: row, column: column, in: room) + 2
        if count > rows {
            let share = "\(first + 1)–\(first + rows) of \(count)"
            column = frame.offer("j k", "scroll", row: row, column: column, in: room) + 2
            frame.write(share, row: row, column: room.columns - share.columns, in: room, .dim)
        }
        frame.offer("Esc", search.isEmpty ? "close" : "everything", row: row, column: column, in: room)
    }

    private func draw(_ line: Line, row: Int, into frame: inout Frame, in room: Rect) {
        switch line {
        case .gap: break
        case .note(let text): frame.write(text.fitted(to: room.columns), row: row, in: room, .dim)
        case .heading(let text): frame.write(text.fitted(to: room.columns), row: row, in: room, .title)
        case .row(let entry): draw(entry, row: row, into: &frame, in: room)
        }
    }

    private func draw(_ entry: Row, row: Int, into frame: inout Frame, in room: Rect) {
        let isNarrow = room.columns < 90
        let keyColumns = isNarrow ? 14 : 10
        let start = isNarrow ? keyColumns + 2 : keyColumns + Self.nameColumns + 4
        let end = frame.write(entry.keys.padded(to: keyColumns, right: true) + "  ", row: row, in: room, .key)
        // Where there is no room for both, what has a key is named by it alone.
        if !isNarrow || entry.keys.isEmpty {
            frame.write(entry.name, row: row, column: isNarrow ? 0 : end, in: room, Style(.accent))
        }
        let column = isNarrow && entry.keys.isEmpty ? max(start, entry.name.columns + 2) : start
        let explanation = entry.isPossible ? entry.explanation : "not in this run: " + entry.explanation
        frame.write(
            explanation.fitted(to: max(0, room.columns - column)), row: row, column: column, in: room,
            entry.isPossible ? .text : .dim)
    }
}
