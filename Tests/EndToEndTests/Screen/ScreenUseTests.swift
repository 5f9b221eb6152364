import Foundation
import Testing

/// The dashboard as a person uses it: every key, the mouse, the command line, and a terminal that is treated badly.
@Suite(.serialized) struct ScreenUseTests {
    /// Letters, digits, signs and named keys as tmux calls them; those that leave the program are tested elsewhere.
    private static let keys =
        (33...126).map { String(UnicodeScalar($0)) }.filter { !["q", ";"].contains($0) }
        + [
            "Space", "Enter", "Escape", "Tab", "BTab", "BSpace", "DC", "Up", "Down", "Left", "Right", "Home", "End",
            "PPage", "NPage", "F1", "F5", "F12", "C-l", "C-a", "C-r", "C-d",
        ]

    @Test(arguments: ["1", "2", "3", "4", "5", "6", "7"])
    func everyKeyInEveryViewIsAnswered(view: String) throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let terminal = try workspace.watchRecordedRuns(columns: 100, rows: 30)
        for key in Self.keys {
            try terminal.press(view)
            try terminal.press(key)
            try terminal.press("Escape", "Escape", "Escape", "Escape")
            try terminal.press("?")
            try terminal.wait(for: "help after \(key) in view \(view)") { $0.contains("Keys and commands in") }
            try terminal.press("Escape")
            try terminal.wait(for: "the help's end after \(key)") { !$0.contains("Keys and commands in") }
        }
    }

    @Test func aStormOfSizesEndsInAPictureThatFits() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let terminal = try workspace.watchRecordedRuns()
        var numbers = RepeatableNumbers(seed: 7)
        for _ in 0..<60 {
            try terminal.resize(columns: numbers.next(in: 2...220), rows: numbers.next(in: 1...60))
            try terminal.press(["1", "2", "4", "6", "?", "Escape"][numbers.next(in: 0...5)])
        }
        try terminal.press("Escape", "Escape", "Escape", "2")
        try terminal.resize(columns: 80, rows: 24)
        let screen = try terminal.wait(for: "the charts") {
            $0.contains("train/loss") && $0.split(separator: "\n").last?.contains("? help  q quit") == true
        }
        #expect(screen.split(separator: "\n", omittingEmptySubsequences: false).allSatisfy { $0.count <= 80 })
    }

    /// What may leave the program, delete or start something is left out of the bytes.
    @Test(arguments: [1, 2, 3])
    func aPasteOfRandomBytesIsSurvived(seed: UInt64) throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let terminal = try workspace.watchRecordedRuns()
        var numbers = RepeatableNumbers(seed: seed)
        let left = Set("qdsDRnCp".utf8 + [0x03, 0x1A])
        let bytes = (0..<20_000).map { _ in UInt8(numbers.next(in: 0...255)) }.filter { !left.contains($0) }
        try terminal.paste(bytes, from: workspace.path("bytes"))
        // Curses passes over what comes behind bytes that are no UTF-8, so what is pressed is pressed until it is heard.
        try terminal.wait(for: "the charts") { screen in
            if screen.contains("train/loss") { return true }
            try? terminal.press("Escape", "Escape", "Escape", "2")
            return false
        }
        #expect(!terminal.screen.contains("status "))
    }

    @Test func theMouseChoosesTabsRowsPanesAndKeys() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let terminal = try workspace.watchRecordedRuns()
        try terminal.click(" 6 Runs")
        try terminal.wait(forText: "best val")
        let rows = terminal.screen
        let second = try #require(rows.split(separator: "\n").last { $0.contains("pytorch-lr") })
        let name = try #require(second.split(separator: " ").first { $0.hasPrefix("pytorch-lr") })
        try terminal.click(String(name))
        try terminal.click("Space mark")
        try terminal.wait(forText: "● \(name)")
        try terminal.click(" 2 Curves")
        try terminal.wait(forText: "train/accuracy")
        try terminal.click("train/accuracy")
        try terminal.click("train/accuracy")
        try terminal.wait(forText: "elapsed")
        try terminal.click(" 1 Overview")
        try terminal.wait(forText: "running_mean")
        try terminal.click("loss ·")
        try terminal.wait(for: "the charts") { $0.contains("train/accuracy") && $0.contains("points") }
    }

    @Test func theWheelZoomsAndTheMouseCanBeOff() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let terminal = try workspace.watchRecordedRuns()
        try terminal.press("2")
        let whole = try terminal.wait(for: "the charts") { $0.contains("train/loss") }
        try terminal.point(button: 64, row: 10, column: 20)
        try terminal.wait(for: "a narrower axis") { $0 != whole && $0.contains("train/loss") }
        try terminal.say("mouse off")
        try terminal.wait(forText: "mouse off")
        try terminal.leave()
        try workspace.watchAgain(in: terminal)
        try terminal.press("1")
        try terminal.wait(forText: "running_mean")
        #expect(try terminal.flag("mouse_any_flag") == "0")
        try terminal.say("mouse on")
        try terminal.wait(for: "the mouse") { _ in (try? terminal.flag("mouse_any_flag")) == "1" }
    }

    @Test func theCommandLineCompletesRemembersAndWritesFiles() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let terminal = try workspace.watchRecordedRuns(columns: 80, rows: 24)
        try terminal.type(":the")
        try terminal.press("Tab")
        try terminal.wait(forText: ":theme ")
        try terminal.type("nor")
        try terminal.press("Tab", "Enter")
        try terminal.wait(forText: "theme nord")
        try terminal.say("svg here.svg")
        try terminal.wait(forText: "wrote ")
        #expect(try workspace.text("here.svg").hasPrefix("<svg"))
        try terminal.say("svg here.svg")
        try terminal.wait(forText: "is there already")
        try terminal.say("csv")
        try terminal.wait(forText: ".csv")
        #expect(workspace.files(in: ".").contains { $0.hasSuffix(".csv") })
        try terminal.say("teme nord")
        try terminal.wait(forText: "no command :teme: did you mean :theme?")
        try terminal.leave()
        try workspace.watchAgain(in: terminal)
        try terminal.press(":", "Up", "Up")
        try terminal.wait(forText: ":teme nord")
    }
}

/// Pseudorandom numbers: Knuth's linear congruential generator, high bits.
struct RepeatableNumbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next(in range: ClosedRange<Int>) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return range.lowerBound + Int(state >> 33) % range.count
    }
}
