import Canvas
import EventLog
import Foundation
import Runs
import Testing

@testable import Dashboard

/// The command line on the recorded PyTorch runs: what is typed and what it does.
@Suite struct CommandLineTests {
    private static let themes = ["dark", "nord", "light"]

    private static func model(_ line: String = "") throws -> Model {
        var model = try WatchedFolder.sample().model(themes: themes)
        if !line.isEmpty { _ = model.enter(line) }
        return model
    }

    private static func training() throws -> Model {
        let status = RunStatus(state: .running, step: 10, epochs: 2, stepsPerEpoch: 100, updated: 0)
        let run = RunSnapshot(directory: RunDirectory(path: "runs/a"), state: .known(.running), status: status)
        var model = Model(folders: "runs", themes: themes)
        _ = model.update(.loaded(Workspace(runs: [], open: run)))
        return model
    }

    @Test(arguments: [
        ("lr 1e-4", Command.Action.set(.learningRate(1e-4))), ("lr x0.5", .set(.learningRateFactor(0.5))),
        ("lr ×2", .set(.learningRateFactor(2))), ("set lr=0.1", .set(.learningRate(0.1))),
        ("pace full", .set(.pace(.full))), ("pace x2", .set(.paceFactor(2))), ("checkpoint", .checkpoint),
        ("evaluate", .evaluate), ("pause", .pause), ("toggle-pause", .pause), ("slower", .set(.paceFactor(0.5))),
        (":pau", .pause), ("  CHECKPOINT  ", .checkpoint),
    ])
    func steeringIsSaidToTheRunInEveryView(line: String, action: Command.Action) throws {
        for view in ViewKind.allCases {
            var model = try Self.training()
            _ = model.enter("view \(view.word)")
            #expect(model.enter(line) == [.command(action, run: "runs/a")], "\(view)")
        }
    }

    @Test func stoppingAsksFirst() throws {
        var model = try Self.training()
        #expect(model.enter("stop").isEmpty)
        #expect(model.app.dialog == .stopRun(name: "a", path: "runs/a"))
        #expect(model.press(.character("y")) == [.command(.stop, run: "runs/a")])
    }

    @Test func theWorldOutsideIsAskedForByEffects() throws {
        var model = try Self.model()
        #expect(model.enter("theme nord") == [.theme("nord")])
        #expect(model.enter("mouse off") == [.mouse(false)])
        #expect(model.enter("csv") == [.writeValues(nil)] && model.enter("csv a b.csv") == [.writeValues("a b.csv")])
        #expect(model.enter("svg") == [.writePicture(nil)] && model.enter("svg x.svg") == [.writePicture("x.svg")])
        #expect(model.enter("detach") == [.quit] && model.enter("q") == [.quit])
        #expect(model.enter("reload") == [.reload] && model.enter("redraw") == [.redraw])
    }

    @Test(arguments: [
        ("pasue", "no command :pasue: did you mean :pause?"), ("xyzzy", "no command :xyzzy: :help lists them"),
        ("theme nrod", "no theme “nrod”: did you mean nord?"), ("view crves", "no view “crves”: did you mean curves?"),
        ("smoothing 2", "“2” is no weight"), ("smoothing", ":smoothing WEIGHT"), ("mouse maybe", "neither on nor off"),
        ("sort", ":sort works in BatchNorm, Runs"), ("heat-map", ":heat-map works in BatchNorm, Histograms"),
        ("smooth", ":smooth can mean"), ("quit now", ":quit stands alone"), ("pause now", ":pause stands alone"),
        ("compare a", "two names, not 1"), ("compare a b", "no run or checkpoint “a”"),
        ("open pytroch-lr0.01", "did you mean pytorch-lr0.01?"), ("filter x", "Overview has no list to filter"),
        ("checkpoint", "is not training"), ("lr fast", "is not training"), ("layer x", "no normalization layer “x”"),
        ("mark x", "no run “x”"), ("x sideways", "no axis “sideways”"), ("theme a b", "one word, not 2"),
    ])
    func whatMakesNoSenseIsSaidInOneLine(line: String, words: String) throws {
        var model = try Self.model(line)
        let screen = model.frame(24, 100).text
        #expect(screen.contains("✗") && screen.contains(words), "\(screen)")
    }

    @Test func aRateThatIsNoneIsSaid() throws {
        var model = try Self.training()
        #expect(model.enter("lr fast").isEmpty)
        #expect(model.frame(24, 100).text.contains("expected a learning rate"))
        #expect(model.enter("resume").isEmpty)
        #expect(model.frame(24, 100).text.contains("running already"))
    }

    @Test func viewsAreShownByNumberAndByName() throws {
        var model = try Self.model()
        for line in ["view 2", "view curves", "2", "curves", "view cur"] {
            _ = model.enter("view 1")
            _ = model.enter(line)
            #expect(model.app.view == .curves, "\(line)")
        }
    }

    @Test func chartsAreSetUp() throws {
        var model = try Self.model("smoothing 0.42")
        #expect(model.app.settings.smoothing == 0.42)
        _ = model.enter("smooth-more")
        #expect(model.app.settings.smoothing == 0.6)
        _ = model.enter("x clock")
        #expect(model.app.settings.axis == .wall)
        _ = model.enter("tag val/loss")
        #expect(model.app.view == .curves)
        _ = model.press(.enter)
        #expect(model.frame(24, 80).text.contains("val/loss"))
        _ = model.enter("layer layer2")
        #expect(model.app.view == .overview)
    }

    @Test func aFilterIsPutOnTheListThatIsShown() throws {
        var model = try Self.model("view 2")
        _ = model.enter("filter loss|lr !val")
        let text = model.frame(24, 80).text
        #expect(text.contains("/loss|lr !val") && text.contains("train/loss") && !text.contains("val/loss"))
        _ = model.enter("filter")
        #expect(model.frame(24, 80).text.contains("/loss|lr !val"))
    }

    @Test func runsAreOpenedMarkedSortedAndCompared() throws {
        var model = try Self.model()
        let names = model.app.workspace?.runs.map(\.name) ?? []
        let paths = model.app.workspace?.runs.map(\.directory.path) ?? []
        try #require(names.count == 2 && paths.count == 2)
        #expect(model.enter("open \(names[1])") == [.openRun(paths[1])])
        _ = model.enter("mark \(names[1]) \(names[0])")
        #expect(model.app.marks == [paths[1], paths[0]])
        _ = model.enter("compare \(names[0]) \(names[1])")
        #expect(model.app.view == .runs)
        let text = model.frame(30, 100).text
        #expect(text.contains(names[0]) && text.contains(names[1]))
    }

    @Test func checkpointsAreOpenedAndComparedByNameAndStep() throws {
        var model = Model(folders: "x", browsing: "x")
        let entries = [10, 20].map { (step: Int) in
            CheckpointEntry(path: "x/step-\(step).pth", name: "step-\(step).pth", step: step, bytes: 1, modified: 0)
        }
        _ = model.update(.checkpoint(.listed(folder: "x", entries)))
        #expect(model.enter("open 20") == [.checkpoint(.open(path: "x/step-20.pth"))])
        let comparison = Effect.checkpoint(.compare(first: "x/step-10.pth", second: "x/step-20.pth"))
        #expect(model.enter("compare step-10.pth 20") == [comparison])
    }
}

/// Completion and history of the command line.
extension CommandLineTests {
    @Test func tabCompletesCommandsAndTheirWords() throws {
        var model = try Self.model()
        model.type(":the")
        model.press(.tab)
        model.type("no")
        model.press(.tab)
        #expect(model.press(.enter) == [.theme("nord")])
    }

    @Test func tabGoesThroughWhatIsPossible() throws {
        var model = try Self.model()
        model.type(":theme ")
        model.press(.tab)
        #expect(model.frame(24, 80).text.contains("dark  nord  light"))
        model.press(.tab, .tab)
        #expect(model.frame(24, 80).text.contains(":theme nord"))
        model.press(.backTab, .backTab)
        #expect(model.frame(24, 80).text.contains(":theme light"))
        #expect(model.press(.enter) == [.theme("light")])
    }

    @Test func whatMayFollowIsShownWhileTyping() throws {
        var model = try Self.model()
        model.type(":smoothing")
        #expect(model.frame(24, 80).text.contains(":smoothing WEIGHT   smooth the curves"))
        model.press(.control("u"))
        model.type("zzz")
        model.press(.tab)
        #expect(model.frame(24, 80).text.contains("nothing begins so"))
    }

    @Test func earlierLinesComeBackAndDraftsAreKept() throws {
        var model = try Self.model()
        for line in ["smoothing 0.5", "x time", "smoothing 0.6"] {
            model.type(":" + line)
            model.press(.enter)
        }
        #expect(model.history.lines == ["smoothing 0.6", "x time", "smoothing 0.5"])
        model.type(":")
        model.press(.up, .up)
        #expect(model.frame(24, 80).text.contains(":x time"))
        model.press(.escape)
        model.type(":smo")
        model.press(.up, .up, .up)
        #expect(model.frame(24, 80).text.contains(":smoothing 0.5"))
        model.press(.down, .down)
        #expect(model.frame(24, 80).text.split(separator: "\n").last?.hasPrefix(":smo ") == true)
    }

    @Test func aHistoryFromAnywhereIsHarmless() {
        let history = CommandHistory(["", "a\u{1B}[2J", String(repeating: "x", count: 10_000), "pause", "pause"])
        #expect(history.lines == ["pause"])
        #expect(CommandHistory((0..<1000).map(String.init)).lines.count == 200)
    }

    @Test func escapeAndAnEmptiedLineLeave() throws {
        var model = try Self.model()
        for keys: [Key] in [[.escape], [.backspace], [.character("a"), .backspace, .backspace], [.control("c")]] {
            model.type(":")
            for key in keys { model.press(key) }
            model.type("2")
            #expect(model.app.view == .curves)
            model.type("1")
        }
    }

    @Test func aLineLongerThanTheWindowKeepsItsCursorInSight() throws {
        var model = try Self.model()
        model.type(":" + String(repeating: "a", count: 300) + "Z")
        #expect(model.frame(24, 80).text.split(separator: "\n").last?.contains("aZ") == true)
        model.press(.home)
        model.type("Y")
        #expect(model.frame(24, 80).text.split(separator: "\n").last?.hasPrefix(":Ya") == true)
    }

    @Test func everyActionAndCommandHasANameOfItsOwn() {
        let actions = Set(KeyTable.bindings.map(\.action))
        #expect(Set(actions.map(\.name)).count == actions.count)
        #expect(Set(CommandTable.commands.map(\.verb)) == Set(CommandSpec.Verb.allCases))
        for name in ParsedCommand.names {
            #expect(name == name.lowercased() && !name.contains(" ") && Int(name) == nil)
        }
    }

    /// Whatever a key does can be typed too.
    @Test(arguments: ViewKind.allCases)
    func everyKeyOfAViewCanBeSaid(view: ViewKind) throws {
        let start = try Self.model("view \(view.word)")
        for binding in Keymap.standard.bindings(in: view) {
            var pressed = start
            var typed = start
            let effects = pressed.press(binding.keys[0])
            #expect(typed.enter(binding.action.name) == effects, "\(binding.action.name)")
            #expect(typed.frame(24, 80).text == pressed.frame(24, 80).text, "\(binding.action.name)")
        }
    }
}

extension Model {
    /// Types a line into the command line and executes it.
    mutating func enter(_ line: String) -> [Effect] {
        type(":" + line)
        return press(.enter)
    }
}
