import Canvas
import EventLog
import Runs

/// A source of text about a run: its engine's log, or the texts under one tag.
struct LogSource: Equatable, Sendable {
    let name: String
    let lines: [String]

    /// The most lines that are kept of a text.
    private static let longest = 20_000

    /// All sources of a run: engine.log, then problems of the event files, then the tags in the order in which they
    /// came.
    static func all(of run: RunSnapshot) -> [LogSource] {
        let engine = run.engineLog.isEmpty ? [] : [LogSource(name: "engine.log", lines: run.engineLog)]
        let damage = run.log.problems.map(\.description)
        let reports = damage.isEmpty ? [] : [LogSource(name: "damage", lines: damage)]
        return engine + reports
            + run.log.texts.map { LogSource(name: TextTag.name(of: $0.tag), lines: lines(of: $0.series)) }
    }

    /// The texts as lines: each below a line with its step, or beside it if it has one line only.
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
}

/// Tags of texts, to which PyTorch's add_text appends an ending.
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
