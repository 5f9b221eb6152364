import Canvas

/// The legend line over a chart: the title at the left, names in their colours and the newest values at the right. When
/// room runs out, values go first, then the later names; or names first, where they stand elsewhere too.
struct Legend: Sendable {
    struct Entry: Sendable {
        let label: String
        let value: String
        let style: Style
    }

    let title: String
    var note = ""
    var entries: [Entry] = []
    var namesAreElsewhere = false

    func draw(into frame: inout Frame, in rect: Rect) {
        guard !rect.isEmpty else { return }
        var end = frame.write(title.middleFitted(to: rect.columns), in: rect, .title)
        if !note.isEmpty, end + 1 + note.columns <= rect.columns {
            end = frame.write(note, column: end + (end == 0 ? 0 : 1), in: rect, .dim)
        }
        let room = rect.columns - (end == 0 ? 0 : end + 2)
        for content in namesAreElsewhere ? [.namesAndValues, .values] : [Content.namesAndValues, .names] {
            let shown = fitting(room, content)
            guard shown.count == entries.count || content != .namesAndValues else { continue }
            return draw(shown, content, into: &frame, in: rect)
        }
    }

    private enum Content { case namesAndValues, values, names }

    private func width(_ entry: Entry, _ content: Content) -> Int {
        let value = entry.value.isEmpty ? 0 : max(6, entry.value.columns)
        switch content {
        case .namesAndValues: return 2 + entry.label.columns + (value > 0 ? 1 + value : 0)
        case .values: return 2 + value
        case .names: return 2 + entry.label.columns
        }
    }

    private func fitting(_ room: Int, _ content: Content) -> [Entry] {
        var used = -2
        return Array(
            entries.prefix { entry in
                used += 2 + width(entry, content)
                return used <= room
            })
    }

    private func draw(_ shown: [Entry], _ content: Content, into frame: inout Frame, in rect: Rect) {
        let used = shown.reduce(0) { $0 + width($1, content) } + 2 * max(0, shown.count - 1)
        var column = rect.columns - used
        for entry in shown {
            frame.write("●", column: column, in: rect, entry.style)
            var end = column + 2
            if content != .values { end = frame.write(entry.label, column: end, in: rect, .dim) + 1 }
            if content != .names { frame.write(entry.value, column: end, in: rect, .text) }
            column += width(entry, content) + 2
        }
    }
}
