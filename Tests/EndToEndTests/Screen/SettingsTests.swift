import Foundation
import Testing

/// The configuration file, themes, and the state that is saved between sessions.
@Suite(.serialized) struct SettingsTests {
    private static let configuration = ".config/normscope/config.yaml"
    private static let memory = ".state/normscope/memory.json"

    private func config(_ arguments: String..., in workspace: TestWorkspace) throws -> Outcome {
        try run(
            TestWorkspace.program, ["config"] + arguments, in: workspace.directory,
            environment: ["XDG_CONFIG_HOME": workspace.configuration])
    }

    @Test func thePrintedConfigurationIsAGoodOne() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let printed = try config(in: workspace)
        #expect(printed.status == 0 && printed.output.contains("#theme: dark"))
        #expect(try config("--check", in: workspace).output.contains("not there: everything is as usual"))
        try workspace.write(printed.output, to: Self.configuration)
        #expect(try config("--check", in: workspace).output == workspace.path(Self.configuration) + ": good\n")
    }

    @Test func aConfigurationWithMistakesIsTakenAsFarAsItMakesSense() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        try workspace.write("theme: nrod\nkeys:\n  show: x\n  curves: C\n", to: Self.configuration)
        let check = try config("--check", in: workspace)
        #expect(check.status == 1 && check.output.split(separator: "\n").count == 3, "\(check.output)")
        #expect(check.output.contains("config.yaml:1: ") && check.output.contains("did you mean “nord”?"))
        #expect(check.output.contains("config.yaml:3: unknown key 'show' in keys"))
        #expect(check.output.contains("config.yaml:4: 'C' was convert in Checkpoints"))
        let terminal = try workspace.watchRecordedRuns(columns: 160)
        try terminal.wait(forText: "config.yaml:1: there is no theme “nrod”")
        try terminal.press("C")
        try terminal.wait(forText: "train/accuracy")
    }

    @Test(arguments: ["folder", "pipe", "binary", "huge", "unreadable"])
    func aConfigurationThatIsNoneDoesNotMatter(kind: String) throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        try place(kind, at: Self.configuration, in: workspace)
        let terminal = try workspace.watchRecordedRuns(columns: 160)
        try terminal.press("2")
        try terminal.wait(forText: "train/accuracy")
    }

    @Test func aBrokenThemeIsNamedWithItsLineAndPassedOver() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        try workspace.write("name: mine\ncolours:\n  text: red\n", to: ".config/normscope/themes/mine.yaml")
        try workspace.write("theme: mine\n", to: Self.configuration)
        let terminal = try workspace.watchRecordedRuns(columns: 260)
        try terminal.wait(forText: "themes/mine.yaml:3: “red” is no colour for text")
        try terminal.say("theme mine")
        try terminal.wait(forText: "✗")
        let asked = try run(TestWorkspace.program, ["config"], in: workspace.directory)
        let count = asked.output.split(separator: "\n").first { $0.contains("colours at the start") }.map {
            $0.split(separator: ",").count
        }
        for _ in 0..<(count ?? 0) + 2 { try terminal.press("t") }
        try terminal.wait(forText: "theme ")
    }

    @Test func whatWasSetUpIsThereAgainPerFolder() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let terminal = try workspace.watchRecordedRuns()
        try terminal.press("2")
        try terminal.say("filter loss")
        try terminal.say("smoothing 0.31")
        try terminal.say("x time")
        try terminal.wait(forText: "smoothed 0.31")
        try terminal.say("theme nord")
        try terminal.wait(forText: "theme nord")
        try terminal.leave()
        try workspace.watchAgain(in: terminal)
        try terminal.wait(for: "what was set up") { $0.contains("/loss") && $0.contains("smoothed 0.31") }
        try terminal.press("t")
        try terminal.wait(forText: "✓ theme")
        #expect(!terminal.screen.contains("theme dark") && !terminal.screen.contains("theme nord"))
        try terminal.leave()
        try FileManager.default.moveItem(atPath: workspace.path("logs"), toPath: workspace.path("others"))
        try terminal.command("clear; \(TestWorkspace.program) watch others")
        let other = try terminal.wait(forText: "running_mean")
        #expect(!other.contains("smoothed 0.31"))
    }

    @Test(arguments: ["folder", "pipe", "binary", "huge", "unreadable", "hostile", "no folder"])
    func aMemoryThatIsNoneDoesNotMatter(kind: String) throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        try place(kind, at: Self.memory, in: workspace)
        let terminal = try workspace.watchRecordedRuns()
        try terminal.press("2")
        try terminal.wait(forText: "train/accuracy")
        try terminal.say("smoothing 0.5")
        try terminal.leave()
    }

    @Test func aDashboardThatIsKilledHasWrittenWhatWasSetUp() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let terminal = try workspace.watchRecordedRuns()
        try terminal.say("smoothing 0.77")
        try wait(for: "the memory") { (try? workspace.text(Self.memory))?.contains("0.77") == true }
        #expect(workspace.files(in: ".state/normscope") == ["memory.json"])
    }

    /// Something at a path that is not what belongs there.
    private func place(_ kind: String, at name: String, in workspace: TestWorkspace) throws {
        let path = workspace.path(name)
        try workspace.write("", to: name)
        switch kind {
        case "folder":
            unlink(path)
            mkdir(path, 0o755)
        case "pipe":
            unlink(path)
            mkfifo(path, 0o600)
        case "binary":
            try Data((0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 37) }).write(to: URL(fileURLWithPath: path))
        case "huge": truncate(path, 1 << 32)
        case "unreadable": chmod(path, 0)
        case "hostile":
            try workspace.write(
                #"{"screens": [{"places": ["\#(workspace.path("logs"))"], "screen": {"view": "log", "smoothing": -1, "#
                    + #""filters": {"curves": "/(a+)+$/", "log": "\u001b[2J"}}}, 3], "history": ["\u001b]0;x", 7]}"#,
                to: name)
        case "no folder":
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
            try FileManager.default.removeItem(atPath: folder)
            try "in the way".write(toFile: folder, atomically: true, encoding: .utf8)
        default: break
        }
    }
}
