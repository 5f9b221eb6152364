import Canvas

/// The dialog for starting a new run: choose an experiment, edit its settings, start.
package struct NewRun: Equatable, Sendable {
    private let choices: [ExperimentChoice]
    private var chosen: ExperimentChoice?
    private var settings: [ExperimentChoice.Setting] = []
    private var cursor = ListCursor()
    private var input: TextInput?

    package init(_ choices: [ExperimentChoice]) {
        self.choices = choices
    }

    /// Whether a setting's value is being typed.
    var isTyping: Bool { input != nil }

    /// The changed settings, as arguments of `--set`.
    private var overrides: [String] {
        zip(settings, chosen?.settings ?? []).filter { $0 != $1 }.map { "\($0.0.key)=\($0.0.value)" }
    }

    mutating func update(_ key: Key) -> Layer.Outcome {
        if input != nil { return edit(key) }
        switch key {
        case .escape where chosen != nil: (chosen, cursor) = (nil, ListCursor())
        case .escape, .control("c"), .character("q"): return .closed
        case .enter, .right: return enter()
        case .character("s") where chosen != nil: return start()
        case .down, .character("j"): cursor.update(.moveDown, count: lineCount)
        case .up, .character("k"): cursor.update(.moveUp, count: lineCount)
        case .pageDown: cursor.update(.pageDown, count: lineCount)
        case .pageUp: cursor.update(.pageUp, count: lineCount)
        default: break
        }
        return .stayOpen
    }

    private var lineCount: Int { chosen == nil ? choices.count : settings.count }

    private mutating func enter() -> Layer.Outcome {
        if chosen == nil {
            chosen = choices[safe: cursor.index]
            settings = chosen?.settings ?? []
            cursor = ListCursor()
        } else if let setting = settings[safe: cursor.index] {
            input = TextInput(setting.value)
        }
        return .stayOpen
    }

    private mutating func edit(_ key: Key) -> Layer.Outcome {
        switch key {
        case .enter:
            if settings.indices.contains(cursor.index), let input { settings[cursor.index].value = input.text }
            input = nil
        case .escape, .control("c"): input = nil
        default: input?.update(key)
        }
        return .stayOpen
    }

    private func start() -> Layer.Outcome {
        guard let chosen else { return .stayOpen }
        return .answered(.startRun(experiment: chosen.path, overrides: overrides))
    }

    func draw(into frame: inout Frame, in rect: Rect) {
        let lines = max(3, lineCount)
        let rows = min(lines + 3, max(4, rect.rows - 6))
        let title = chosen.map { "New run: \($0.title)" } ?? "New run: from which experiment?"
        let room = frame.window(title: title, rows: rows, columns: min(92, rect.columns - 8), over: rect)
        let body = Rect(row: room.row, column: room.column, rows: room.rows - 2, columns: room.columns)
        if choices.isEmpty {
            frame.write("no experiment found: an experiment is a YAML file".fitted(to: body.columns), in: body, .dim)
        }
        let first = cursor.firstLine(rows: body.rows, count: lineCount)
        for row in 0..<max(0, min(body.rows, lineCount - first)) {
            if chosen == nil { drawChoice(first + row, row: row, into: &frame, in: body) }
            if chosen != nil { drawSetting(first + row, row: row, into: &frame, in: body) }
        }
        drawOffers(into: &frame, in: room)
    }

    private func drawChoice(_ index: Int, row: Int, into frame: inout Frame, in rect: Rect) {
        let style: Style = index == cursor.index ? .selection : .text
        let end = frame.write(choices[index].title.padded(to: 28), row: row, in: rect, style)
        frame.write(
            choices[index].path.fitted(to: max(0, rect.columns - end - 1)), row: row, column: end + 1, in: rect, .dim)
    }

    private func drawSetting(_ index: Int, row: Int, into frame: inout Frame, in rect: Rect) {
        let isChosen = index == cursor.index
        let isChanged = settings[index] != chosen?.settings[safe: index]
        let end = frame.write(
            settings[index].key.padded(to: 26), row: row, in: rect, isChosen ? .selection : .dim)
        if isChosen, let input {
            input.draw(into: &frame, row: row, column: end + 1, in: rect)
        } else {
            frame.write(
                settings[index].value.fitted(to: max(0, rect.columns - end - 1)), row: row, column: end + 1, in: rect,
                isChanged ? Style(.accent, .bold) : .text)
        }
    }

    private func drawOffers(into frame: inout Frame, in room: Rect) {
        let row = room.rows - 1
        if input != nil {
            let end = frame.offer("Enter", "keep it", row: row, in: room)
            frame.offer("Esc", "as it was", row: row, column: end + 3, in: room)
            return
        }
        var end = frame.offer("Enter", chosen == nil ? "choose" : "change", row: row, in: room)
        if chosen != nil { end = frame.offer("s", "start the run", row: row, column: end + 3, in: room) }
        frame.offer("Esc", chosen == nil ? "cancel" : "back", row: row, column: end + 3, in: room)
    }
}
