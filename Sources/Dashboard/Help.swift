import Canvas

/// The help over a view: the rows of the key table that do something there, by group, in as many columns as fit.
struct Help: Equatable, Sendable {
    private(set) var scroll = 0

    /// Whether the help stays open.
    mutating func update(_ key: Key) -> Bool {
        switch key {
        case .down, .character("j"): scroll += 1
        case .up, .character("k"): scroll = max(0, scroll - 1)
        case .pageDown, .character(" "): scroll += 10
        case .pageUp: scroll = max(0, scroll - 10)
        default: return false
        }
        return true
    }

    private enum Line {
        case heading(String)
        case binding(KeyBinding)
        case gap
    }

    private func lines(for view: ViewKind) -> [Line] {
        KeyBinding.Group.allCases.flatMap { group -> [Line] in
            let bindings = KeyTable.bindings(in: view).filter { $0.group == group }
            return bindings.isEmpty ? [] : [.heading(group.rawValue)] + bindings.map(Line.binding) + [.gap]
        }
    }

    func draw(into frame: inout Frame, in rect: Rect, view: ViewKind) {
        let lines = lines(for: view)
        let rows = min(lines.count, max(1, rect.rows - 4))
        let room = frame.window(title: "Keys in \(view.title)", rows: rows + 1, columns: 92, over: rect)
        let first = min(scroll, max(0, lines.count - rows))
        for (row, line) in lines.dropFirst(first).prefix(rows).enumerated() {
            draw(line, row: row, into: &frame, in: room)
        }
        let more = lines.count > rows ? "j k scroll, any other key closes" : "any key closes"
        frame.write(more, row: room.rows - 1, in: room, .dim)
    }

    private func draw(_ line: Line, row: Int, into frame: inout Frame, in room: Rect) {
        switch line {
        case .gap: break
        case .heading(let text): frame.write(text, row: row, in: room, .title)
        case .binding(let binding):
            frame.write(binding.keyNames.padded(to: 12, right: true), row: row, in: room, .key)
            frame.write(
                binding.explanation.fitted(to: max(0, room.columns - 14)), row: row, column: 14, in: room)
        }
    }
}
