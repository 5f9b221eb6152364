import Canvas

/// The line over a chart: the title at the left, what the colours mean and the newest values at the right. When room runs
/// out, values go first, then the later names.
struct Legend: Sendable {
    struct Entry: Sendable {
        let label: String
        let value: String
        let style: Style
    }

    let title: String
    var note = ""
    var entries: [Entry] = []

    func draw(into frame: inout Frame, in rect: Rect) {
        guard !rect.isEmpty else { return }
        var end = frame.write(title.middleFitted(to: rect.columns), in: rect, .title)
        if !note.isEmpty, end + 1 + note.columns <= rect.columns {
            end = frame.write(note, column: end + (end == 0 ? 0 : 1), in: rect, .dim)
        }
        let room = rect.columns - (end == 0 ? 0 : end + 2)
        for withValues in [true, false] {
            let shown = fitting(room, withValues: withValues)
            guard shown.count == entries.count || !withValues else { continue }
            draw(shown, withValues: withValues, into: &frame, in: rect)
            return
        }
    }

    private func width(_ entry: Entry, withValues: Bool) -> Int {
        2 + entry.label.columns + (withValues && !entry.value.isEmpty ? 1 + max(6, entry.value.columns) : 0)
    }

    private func fitting(_ room: Int, withValues: Bool) -> [Entry] {
        var used = -2
        return Array(
            entries.prefix { entry in
                used += 2 + width(entry, withValues: withValues)
                return used <= room
            })
    }

    private func draw(_ shown: [Entry], withValues: Bool, into frame: inout Frame, in rect: Rect) {
        let used = shown.reduce(0) { $0 + width($1, withValues: withValues) } + 2 * max(0, shown.count - 1)
        var column = rect.columns - used
        for entry in shown {
            frame.write("●", column: column, in: rect, entry.style)
            let end = frame.write(entry.label, column: column + 2, in: rect, .dim)
            if withValues { frame.write(entry.value, column: end + 1, in: rect, .text) }
            column += width(entry, withValues: withValues) + 2
        }
    }
}
