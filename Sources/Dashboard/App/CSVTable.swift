import Canvas
import Charts
import EventLog
import Runs

/// A table of comma-separated values: the numbers behind what the screen shows.
///
/// Made of snapshots, so that any thread may put it into words while the screen goes on.
package struct CSVTable: Sendable {
    /// The file's name, without its ending.
    package let name: String
    /// A description of the contents for messages: `3 tags of 2 runs`.
    package let contents: String
    private let head: [String]
    private let lines: @Sendable (_ put: ([String]) throws -> Void) throws -> Void

    /// - Parameter lines: gives the fields of one line after another.
    init(
        name: String, contents: String, head: [String],
        lines: @escaping @Sendable (_ put: ([String]) throws -> Void) throws -> Void
    ) {
        self.name = String(name.map { "/\\ ".contains($0) || !$0.isPrintable ? "-" : $0 })
        self.contents = contents
        self.head = head
        self.lines = lines
    }

    /// Writes the text in chunks of lines. A field with a comma, a quote or a line break is quoted as RFC 4180 says.
    package func write(_ put: (String) throws -> Void) throws {
        var text = Self.line(head)
        try lines { fields in
            text += Self.line(fields)
            guard text.utf8.count >= Self.stretch else { return }
            try put(text)
            text = ""
        }
        try put(text)
    }

    private static let stretch = 1 << 16

    private static func line(_ fields: [String]) -> String {
        fields.map(quoted).joined(separator: ",") + "\n"
    }

    private static func quoted(_ text: String) -> String {
        guard text.utf8.contains(where: { [0x2C, 0x22, 0x0D, 0x0A].contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}

extension CSVTable {
    /// A table of the points of some tags of some runs, as far as a chart shows them.
    ///
    /// - Parameter range: of the horizontal axis that `axis` counts.
    static func curves(
        name: String, _ runs: [OverlaidRun], _ tags: [String], axis: ChartSettings.HorizontalAxis,
        range: ClosedRange<Double>
    ) -> CSVTable {
        CSVTable(
            name: name,
            contents: NumberFormat.count(tags.count, of: "tag") + " of " + NumberFormat.count(runs.count, of: "run"),
            head: ["run", "tag", "step", "wall_time", "value"]
        ) { put in
            for run in runs {
                let scale = run.scale(axis)
                for tag in tags {
                    guard let series = run.log.scalars[tag] else { continue }
                    let first = scale.index(of: range.lowerBound, in: series)
                    let end = scale.index(of: range.upperBound.nextUp, in: series)
                    for index in first..<max(first, end) {
                        let point = series[index]
                        try put([run.name, tag, "\(point.step)", "\(point.wallTime)", "\(point.value)"])
                    }
                }
            }
        }
    }
}
