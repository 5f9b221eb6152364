import Canvas
import EventLog
import Runs

/// Something in words about a run: its engine's log, or the texts under one tag.
struct LogSource: Equatable, Sendable {
    let name: String
    let lines: [String]

    /// Lines of a text that are kept; a log may hold a book.
    private static let longest = 20_000

    /// engine.log first, where there is one; then what of the event files can't be read; then the tags in the order in
    /// which they came.
    static func all(of run: RunSnapshot) -> [LogSource] {
        let engine = run.engineLog.isEmpty ? [] : [LogSource(name: "engine.log", lines: run.engineLog)]
        let damage = run.log.problems.map(\.description)
        let reports = damage.isEmpty ? [] : [LogSource(name: "damage", lines: damage)]
        return engine + reports
            + run.log.texts.map { LogSource(name: TextTag.name(of: $0.tag), lines: lines(of: $0.series)) }
    }

    /// Each text under a line of its own step; what is one line long stands beside it.
    private static func lines(of series: TextSeries) -> [String] {
        var lines: [String] = []
        for entry in series.suffix(longest) {
            let text = entry.value.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            if text.count == 1 {
                lines.append("step \(entry.step)  \(text[0])")
            } else {
                lines.append("step \(entry.step)")
                lines += text.map { "  " + $0 }
            }
        }
        return lines.suffix(longest)
    }

    /// A line in pieces of at most `columns`; one empty piece for an empty line. Very long ones are cut.
    static func fold(_ line: String, to columns: Int) -> [String] {
        guard columns > 0 else { return [] }
        var pieces: [String] = [""]
        var used = 0
        for character in line.prefix(longest) {
            let width = character.columns
            if used + width > columns, used > 0 {
                pieces.append("")
                used = 0
            }
            pieces[pieces.count - 1].append(character)
            used += width
        }
        return pieces
    }
}

/// Tags of texts. PyTorch's add_text adds an ending of its own to them.
enum TextTag {
    private static let ending = "/text_summary"

    static func name(of tag: String) -> String {
        tag.hasSuffix(ending) ? String(tag.dropLast(ending.count)) : tag
    }

    /// The texts of a tag, whoever wrote them.
    static func series(_ tag: String, in log: LogSnapshot) -> TextSeries? {
        log.texts[tag] ?? log.texts[tag + ending]
    }
}
