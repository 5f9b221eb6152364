import Canvas

/// Commands sent to engines, with their answers: shown as asked at once, and as done when the engine has answered.
struct PendingCommands: Equatable, Sendable {
    private struct Entry: Equatable, Sendable {
        enum State: Equatable, Sendable {
            case asked
            case done(String, at: Double)
            case refused(String, at: Double)

            /// The text of the answer; nil while there is none.
            var words: String? {
                switch self {
                case .asked: nil
                case .done(let text, _), .refused(let text, _): text
                }
            }
        }

        let id: String
        /// Path of the run whose engine was asked; empty where none was.
        let run: String
        let request: String
        var state: State
    }

    /// Seconds for which an answer stays on the screen.
    private static let shown = 6.0
    private var entries: [Entry] = []

    /// The command with `id` was appended to the command file of the run at a path.
    mutating func asked(_ id: String, _ request: String, run: String) {
        entries.append(Entry(id: id, run: run, request: request, state: .asked))
    }

    /// The runs that have yet to answer.
    var askedRuns: Set<String> { Set(entries.filter { $0.state == .asked }.map(\.run)) }

    /// Shows a message about something that is done already, such as a file written.
    mutating func note(_ text: String, at time: Double) {
        say(.done(text, at: time))
    }

    mutating func refuse(_ text: String, at time: Double) {
        say(.refused(text, at: time))
    }

    /// Records an engine's answer. Engines carry out commands in order, so the newest one that is answered settles all
    /// before it.
    ///
    /// - Parameters:
    ///   - failed: whether the newest of them failed; the answer then says why.
    ///   - name: of the run, where it is not clear which one answers.
    mutating func settle(
        run: String, upTo id: String?, answer: String?, failed: Bool = false, name: String? = nil, at time: Double
    ) {
        guard let id, let last = entries.lastIndex(where: { $0.id == id && $0.run == run && $0.state == .asked }) else {
            return
        }
        let words = answer ?? entries[last].request
        let settled = Set(entries[...last].filter { $0.run == run && $0.state == .asked }.map(\.id))
        entries.removeAll { $0.run == run && settled.contains($0.id) && $0.state == .asked }
        let text = (name.map { $0 + ": " } ?? "") + words
        say(failed ? .refused(text, at: time) : .done(text, at: time))
    }

    /// Adds a message, replacing an earlier one of the same text.
    private mutating func say(_ state: Entry.State) {
        entries.removeAll { $0.state.words == state.words && $0.state.words != nil }
        entries.append(Entry(id: "", run: "", request: "", state: state))
    }

    /// Removes expired answers; returns whether there were any.
    mutating func expire(at time: Double) -> Bool {
        let before = entries.count
        entries.removeAll { entry in
            switch entry.state {
            case .asked: false
            case .done(_, let at): time - at > Self.shown
            case .refused(_, let at): time - at > 2 * Self.shown
            }
        }
        return entries.count != before
    }

    /// Marks a run's commands as unanswered, because its engine is gone.
    mutating func abandon(run: String, at time: Double) {
        for index in entries.indices where entries[index].run == run && entries[index].state == .asked {
            entries[index].state = .refused("\(entries[index].request): the engine did not answer", at: time)
        }
    }

    /// The columns that all messages take in one row.
    var columns: Int {
        entries.reduce(0) { $0 + Self.words(of: $1).columns + Self.gap.columns }
    }

    private static let gap = "   "

    /// Draws the newest messages, as many as fit in one row; the newest may take the rows above too.
    func draw(into frame: inout Frame, in rect: Rect) {
        if let newest = entries.last, draw(newest, into: &frame, endingIn: rect) { return }
        var column = 0
        for entry in entries.reversed() where column < rect.columns {
            column = frame.write(
                Self.words(of: entry) + Self.gap, row: 0, column: column, in: rect, Self.appearance(of: entry).style)
        }
    }

    private static let mostRows = 4

    /// Draws a message that needs several rows; returns false for one that does not.
    private func draw(_ entry: Entry, into frame: inout Frame, endingIn rect: Rect) -> Bool {
        let lines = Self.words(of: entry).wrapped(to: rect.columns).prefix(Self.mostRows)
        guard lines.count > 1, rect.row >= lines.count else { return false }
        let room = Rect(row: rect.row + 1 - lines.count, column: rect.column, rows: lines.count, columns: rect.columns)
        frame.fill(room, with: " ")
        let style = Self.appearance(of: entry).style
        for (row, line) in lines.enumerated() { frame.write(line, row: row, in: room, style) }
        return true
    }

    private static func words(of entry: Entry) -> String {
        let (mark, text, _) = appearance(of: entry)
        return mark + " " + text
    }

    private static func appearance(of entry: Entry) -> (mark: String, text: String, style: Style) {
        switch entry.state {
        case .asked: ("…", "asked: " + entry.request, Style(.warning))
        case .done(let text, _): ("✓", text, .good)
        case .refused(let text, _): ("✗", text, .error)
        }
    }
}
