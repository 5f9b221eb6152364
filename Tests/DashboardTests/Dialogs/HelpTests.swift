import Canvas
import FrameTesting
import Testing

@testable import Dashboard

@Suite struct HelpTests {
    private static func model(in view: ViewKind) -> Model {
        var model = Model(folders: "runs")
        model.type("\(view.digit)?")
        return model
    }

    /// The text of the whole help, scrolled from its beginning to its end.
    private static func everything(in view: ViewKind, rows: Int, columns: Int) -> String {
        var model = model(in: view)
        var text = model.frame(rows, columns).text
        for _ in 0..<200 {
            model.press(.down)
            text += "\n" + model.frame(rows, columns).text
        }
        return text
    }

    @Test(arguments: ViewKind.allCases, [(24, 80), (36, 120)])
    func everyKeyAndCommandOfAViewCanBeScrolledTo(view: ViewKind, size: (Int, Int)) {
        let text = Self.everything(in: view, rows: size.0, columns: size.1)
        for binding in Keymap.standard.bindings(in: view) {
            #expect(text.contains(binding.keyNames), "\(binding.keyNames)")
            #expect(text.contains(binding.explanation.prefix(40)), "\(binding.explanation)")
        }
        for command in CommandTable.commands { #expect(text.contains(command.usage), "\(command.usage)") }
    }

    @Test func aSearchFindsKeysCommandsAndOtherViews() {
        var model = Self.model(in: .overview)
        model.type("/checkpoint")
        var text = model.frame(40, 120).text
        #expect(
            text.contains("write a checkpoint now") && text.contains(":open NAME") && text.contains("In Checkpoints"))
        #expect(!text.contains("set the pace"))
        model.press(.enter)
        text = model.frame(40, 120).text
        #expect(text.contains("/checkpoint") && text.contains("Esc everything"))
        model.press(.escape)
        #expect(model.frame(40, 120).text.contains("halve the pace"))
        model.press(.escape)
        #expect(!model.frame(40, 120).text.contains("halve the pace"))
    }

    @Test func theCommandLineAsksTheHelpOfAWord() {
        var model = Model(folders: "runs")
        _ = model.enter("help learning")
        #expect(model.frame(24, 80).text.contains("set the learning rate"))
        _ = model.press(.escape, .escape)
        _ = model.enter("help xyzzy")
        #expect(model.frame(24, 80).text.contains("nothing here says that"))
    }

    @Test func scrollingStopsAtTheEndsAndTheWheelScrollsToo() {
        var model = Self.model(in: .overview)
        let top = model.frame(24, 80)
        model.press(.character("G"))
        let bottom = model.frame(24, 80)
        #expect(bottom != top)
        model.press(.down, .pageDown)
        #expect(model.frame(24, 80) == bottom)
        _ = model.update(.input(.pointer(Pointer(.wheelUp, row: 5, column: 5))))
        #expect(model.frame(24, 80) != bottom)
        model.press(.home, .up)
        #expect(model.frame(24, 80) == top)
    }

    @Test(arguments: [.overview, ViewKind.runs], [(24, 80), (36, 120)])
    func theHelpOnFile(view: ViewKind, size: (Int, Int)) {
        var model = Self.model(in: view)
        let frame = model.frame(size.0, size.1)
        #expect(FrameFile().mismatch(of: frame, named: "help-\(view.word)-\(size.1)x\(size.0)") == nil)
    }
}
