import Canvas
import FrameTesting
import Runs
import Testing

@testable import Dashboard

/// Frames of the images view; half blocks hide in text what colours show, so pixels are tested as shades.
@Suite struct ImagePageTests {
    /// Ten classes of 12×12 images, `wrong` of them mistaken, all by a formula.
    private static func record(wrong: Int, classes: [String]? = nil) -> EvaluationRecord {
        let names = classes ?? (0..<10).map { "class-\($0)" }
        let count = names.count
        return EvaluationRecord(
            step: 940, classes: names,
            confusion: (0..<count).map { row in
                (0..<count).map { $0 == row ? 80 + row : ($0 * 3 + row) % 7 == 0 ? $0 + 1 : 0 }
            }, channels: 1, height: 12, width: 12,
            samples: (0..<30).map { number in
                .init(
                    index: number * 17, label: number % count,
                    answer: number < wrong ? (number + 1) % count : number % count,
                    probability: 1 - Double(number) / 60,
                    pixels: (0..<144).map { UInt8(($0 % 12) * 10 + ($0 / 12) * number % 130) })
            },
            filters: .init(
                name: "layer1.0.weight", shape: [16, 3, 3, 3], values: (0..<432).map { Float($0 * 37 % 101) - 50 }))
    }

    private func model(_ record: EvaluationRecord?, state: RunCatalogue.State = .known(.finished)) -> Model {
        var model = Model(folders: "runs")
        let run = RunSnapshot(
            directory: RunDirectory(path: "/runs/cnn"), state: state, status: nil, evaluation: record)
        _ = model.update(.loaded(Workspace(runs: [], open: run)))
        model.type("i")
        return model
    }

    @Test(arguments: [(24, 80), (36, 120), (60, 200)])
    func imagesMatrixAndFiltersStandSideBySide(rows: Int, columns: Int) {
        var model = model(Self.record(wrong: 20))
        let frame = model.frame(rows, columns, glyphs: .ascii)
        #expect(FrameFile().mismatch(of: frame, named: "images-\(columns)x\(rows)") == nil)
    }

    @Test func pixelsAreColoursWhereThereAreHalfBlocks() {
        var model = model(Self.record(wrong: 20))
        let frame = model.frame(36, 120)
        let inks = (0..<36).flatMap { row in (0..<120).map { frame[row, $0].style.ink } }
        #expect(inks.contains { if case .rgb = $0 { true } else { false } })
    }

    @Test func theCursorWalksTheWrongOnesAndVShowsTheRightOnes() {
        var model = model(Self.record(wrong: 20))
        #expect(model.frame(24, 80).text.contains("class-0 taken for class-1, 100% sure"))
        model.type("llG")
        #expect(model.frame(36, 120).text.contains("image 20 of 20"))
        model.type("v")
        #expect(model.frame(36, 120).text.contains("class-0, 67% sure"))
    }

    @Test func enterGivesEachPaneTheWholeRoomAndEscLeadsBackToWhereOneCameFrom() {
        var model = model(Self.record(wrong: 20))
        model.press(.tab, .enter)
        let matrix = model.frame(24, 80).text
        #expect(matrix.contains("▶ confusion") && !matrix.contains("filters"))
        model.press(.tab)
        #expect(model.frame(24, 80).text.contains("▶ filters layer1.0.weight · 16, as RGB"))
        model.press(.escape, .escape)
        #expect(model.app.view == .overview)
        model.type("3i")
        model.press(.escape)
        #expect(model.app.view == .batchNorm)
    }

    @Test func withoutARecordThePageSaysHowToGetOne() {
        var ours = model(nil)
        #expect(ours.frame(24, 80).text.contains("e makes one now"))
        var foreign = model(nil, state: .log)
        #expect(foreign.frame(24, 80).text.contains("the engine keeps them"))
        var perfect = model(Self.record(wrong: 0))
        #expect(perfect.frame(24, 80).text.contains("none is wrong"))
    }

    @Test func anySizeAndAnyNamesCanBeDrawn() {
        let names = (0..<100).map { "とても長い名前の組\u{1B}[31m-\($0)" }
        var model = model(Self.record(wrong: 20, classes: names))
        for key in ["v", "j", "k"] {
            model.type(key)
            for rows in stride(from: 1, through: 44, by: 3) {
                for columns in stride(from: 1, through: 130, by: 11) {
                    #expect(!model.frame(rows, columns).text.contains("\u{1B}"))
                }
            }
        }
    }
}
