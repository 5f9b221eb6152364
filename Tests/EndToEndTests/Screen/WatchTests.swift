import EventLog
import Foundation
import Testing

/// `normscope watch` over logs that other programs write, in a real terminal.
@Suite(.serialized) struct WatchTests {
    private func watching(_ places: String, in workspace: TestWorkspace, columns: Int = 120, rows: Int = 36) throws
        -> TerminalSession
    {
        let terminal = try TerminalSession(in: workspace, columns: columns, rows: rows)
        try terminal.command("\(TestWorkspace.program) watch \(places)")
        return terminal
    }

    private func writer(_ run: String, in workspace: TestWorkspace) throws -> EventWriter {
        try FileManager.default.createDirectory(atPath: workspace.path(run), withIntermediateDirectories: true)
        return try EventWriter(directory: workspace.path(run), startedAt: 1_700_000_000)
    }

    private func log(_ steps: Range<Int>, to writer: EventWriter, tag: String = "loss") throws {
        for step in steps {
            writer.scalar(tag, step: Int64(step), value: Float(step), wallTime: 1_700_000_000 + Double(step))
        }
        try writer.flush()
    }

    @Test(arguments: [(120, 36), (80, 24)])
    func theRecordedRunsShowInEveryView(columns: Int, rows: Int) throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let place = TestWorkspace.repository + "/sample-data/runs"
        let terminal = try watching(place, in: workspace, columns: columns, rows: rows)
        try terminal.wait(forText: "running_mean")
        for (view, words) in [
            ("2", "train/loss"), ("4", "over time"), ("6", "best val"), ("7", "(layer1): Sequential("),
            ("1", "running_var"),
        ] {
            try terminal.press(view)
            try terminal.wait(forText: words)
        }
    }

    @Test func runsThatAppearGrowAndGoAreFollowed() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let first = try writer("logs/deep/er/first", in: workspace)
        try log(0..<10, to: first)
        let terminal = try watching("logs", in: workspace)
        try terminal.press("6")
        try terminal.wait(forText: "deep/er/first")
        try log(10..<78, to: first)
        try terminal.wait(for: "the newest step") { $0.contains(" 77 ") }
        try log(0..<5, to: try writer("logs/second", in: workspace))
        try terminal.wait(forText: "2 runs")
        try FileManager.default.removeItem(atPath: workspace.path("logs/second"))
        try terminal.wait(forText: "1 run ·")
    }

    @Test func severalFoldersAreOneListAndMarkedRunsAreOverlaid() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        try log(0..<20, to: try writer("here/a", in: workspace))
        try log(0..<30, to: try writer("there/b", in: workspace))
        let terminal = try watching("here there", in: workspace)
        try terminal.press("6")
        try terminal.wait(for: "both runs") { $0.contains("here/a") && $0.contains("there/b") }
        try terminal.press("Space", "Space", "2")
        try terminal.wait(for: "both curves") { $0.contains("● here/a") && $0.contains("● there/b") }
        try terminal.press("Enter")
        try terminal.wait(for: "readings of both") { $0.contains("elapsed") && $0.contains("29") && $0.contains("19") }
    }

    @Test func aFileThatIsReplacedIsReadAnew() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        try log(0..<50, to: try writer("logs/a", in: workspace))
        let terminal = try watching("logs", in: workspace)
        try terminal.press("2")
        try terminal.wait(forText: "50 points")
        let name = try #require(workspace.files(in: "logs/a").first)
        try log(0..<7, to: try writer("other", in: workspace), tag: "accuracy")
        let other = try #require(workspace.files(in: "other").first)
        #expect(rename(workspace.path("other/" + other), workspace.path("logs/a/" + name)) == 0)
        try terminal.wait(for: "the new content") { $0.contains("accuracy") && $0.contains("7 points") }
    }

    @Test func aRunIsRenamedDeletedAndStartedFromTheScreen() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        try log(0..<5, to: try writer("runs/old", in: workspace))
        let terminal = try watching("runs", in: workspace)
        try terminal.press("6")
        try terminal.wait(forText: "1 run ·")
        try terminal.press("R")
        try terminal.wait(forText: "Rename")
        try terminal.type("er")
        try terminal.press("Enter")
        try terminal.wait(forText: "renamed to older")
        try terminal.wait(forText: "▶ older")
        #expect(workspace.files(in: "runs") == ["older"])
        try terminal.press("D")
        try terminal.wait(forText: "delete it for good")
        try terminal.press("y")
        try terminal.wait(forText: "deleted runs/older")
        #expect(workspace.files(in: "runs").isEmpty)
        try terminal.press("n")
        try terminal.wait(forText: "from which experiment?")
        try terminal.press("Enter")
        try terminal.wait(forText: "start the run")
        try terminal.press("s")
        try terminal.wait(forText: "running")
        #expect(workspace.files(in: "runs") == ["batchnorm-cnn"])
        try terminal.press("6")
        try terminal.wait(forText: "▶ batchnorm-cnn")
        try terminal.press("S")
        try terminal.wait(forText: "stop and save")
        try terminal.press("y")
        try wait(for: "the engine's end") { workspace.state(of: "batchnorm-cnn") == "stopped" }
    }

    @Test(arguments: ["missing", "file"])
    func whatIsNoFolderIsSaidInOneLine(place: String) throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        try workspace.write("x", to: "file")
        let outcome = try run(TestWorkspace.program, ["watch", place], in: workspace.directory)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains(place + ": ") && outcome.errors.split(separator: "\n").count == 1)
    }
}
