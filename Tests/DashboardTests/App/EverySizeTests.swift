import Canvas
import EventLog
import Foundation
import FrameTesting
import Runs
import Testing

@testable import Dashboard

/// Every view, with much in it, at every size from one cell to 120×40: nothing traps, nothing is drawn outside of its
/// area, and nothing controls the terminal.
@Suite struct EverySizeTests {
    private static let sizes = (rows: 1...40, columns: 1...120)

    /// Runs with everything that a view can show: the recorded ones, and one with hostile names, no numbers and wide
    /// characters.
    private static func model(_ glyphs: GlyphSet = .braille) throws -> Model {
        let folder = try WatchedFolder.sample()
        let time = WatchedFolder.started
        try folder.add("日本語\u{1B}[31m" + String(repeating: "-long", count: 30)) { writer in
            for step in 0..<40 {
                let value: Float = step % 7 == 3 ? .nan : step % 11 == 5 ? .infinity : Float(step)
                writer.scalar("損失/とても長い\u{1B}[31m", step: Int64(step), value: value, wallTime: time + Double(step))
                writer.histogram("重み", step: Int64(step), Histogram(of: [1, 2, Float(step)]), wallTime: time)
                writer.text("control", step: Int64(step), "pause\u{1B}]0;x\u{07}", wallTime: time)
                for key in ["running_mean", "running_var", "weight", "bias", "batch_mean", "batch_var"] {
                    let values = (0..<300).map { Float($0 * step) }
                    writer.tensor("batchnorm/層.1/\(key)", step: Int64(step), values: values, wallTime: time)
                }
            }
        }
        return try folder.model(themes: ["dark", "nord"])
    }

    /// The keys that lead to a state, beginning with those of a view.
    private static let ways: [(name: String, keys: [Key])] =
        ViewKind.allCases.map { ($0.title, [.character($0.digit)]) } + [
            ("a chart large", typed("2") + [.enter, .left]), ("a filter being typed", typed("2/loss|x")),
            ("a filter that is wrong", typed("6/([a/")), ("one moment", typed("4v") + [.enter]),
            ("settings compared", typed("6  d")), ("runs sorted", typed("6lls")),
            ("a search", typed("7/step") + [.enter]),
            ("the help", typed("?")), ("the help searched", typed("?/chart")),
            ("a command", typed(":theme ") + [.tab, .tab]),
            ("a long command", typed(":" + String(repeating: "wide 日本語 ", count: 20))),
            ("a refusal", typed(":nonsense") + [.enter]), ("a new name", typed("6R")), ("a dialog", typed("6D")),
        ]

    private static func typed(_ text: String) -> [Key] { text.map(Key.character) }

    /// Plain views at all sizes; the rest at a share of them, spread so that every width and height is among them.
    private static func isDrawn(_ way: Int, _ glyphs: GlyphSet, rows: Int, columns: Int) -> Bool {
        way < ViewKind.allCases.count && glyphs == .braille || (rows * 5 + columns) % 9 == 0
    }

    @Test(arguments: ways.indices, [GlyphSet.braille, .ascii])
    func everythingStaysInItsRoom(way: Int, glyphs: GlyphSet) throws {
        var model = try Self.model()
        for key in Self.ways[way].keys { model.press(key) }
        _ = model.frame(24, 80)
        for rows in Self.sizes.rows {
            for columns in Self.sizes.columns where Self.isDrawn(way, glyphs, rows: rows, columns: columns) {
                _ = model.update(.input(.resize(Size(rows: rows, columns: columns))))
                let spilled = Self.spill(of: model, rows: rows, columns: columns, glyphs)
                #expect(spilled.isEmpty, "\(Self.ways[way].name) at \(columns)×\(rows): \(spilled.prefix(3))")
            }
        }
    }

    /// Draws into the middle of a larger frame; returns what of the margin changed, and what could control a terminal.
    private static func spill(of model: Model, rows: Int, columns: Int, _ glyphs: GlyphSet) -> [String] {
        var before = Frame(size: Size(rows: rows + 4, columns: columns + 6), glyphs: glyphs)
        before.fill(before.bounds, with: "#")
        var after = before
        let room = Rect(row: 2, column: 3, rows: rows, columns: columns)
        model.draw(into: &after, in: room)
        let steering =
            (rows + columns) % 9 == 0
            && after.text.unicodeScalars.contains {
                ($0.value < 0x20 && $0 != "\n") || (0x7F...0x9F).contains($0.value)
            }
        return margin(of: room, in: after.bounds).filter { after[$0.row, $0.column] != before[$0.row, $0.column] }
            .map { "row \($0.row), column \($0.column): \(after[$0.row, $0.column].character)" }
            + (steering ? ["a control character"] : [])
    }

    /// The cells around an area, two rows and three columns deep.
    private static func margin(of room: Rect, in bounds: Rect) -> [(row: Int, column: Int)] {
        (0..<bounds.rows).flatMap { row in
            let isBeside = row >= room.row && row < room.endRow
            let columns =
                isBeside ? Array(0..<room.column) + Array(room.endColumn..<bounds.columns) : Array(0..<bounds.columns)
            return columns.map { (row, $0) }
        }
    }
}
