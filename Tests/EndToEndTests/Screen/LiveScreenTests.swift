import Foundation
import Testing

/// The README's first promise: the example trains live on the screen and obeys the keyboard.
@Suite(.serialized) struct LiveScreenTests {
    private static let run = "batchnorm-cnn"

    /// A terminal in which the example has begun to train.
    private func training(in workspace: TestWorkspace, columns: Int = 120, rows: Int = 36) throws -> TerminalSession {
        let terminal = try TerminalSession(in: workspace, columns: columns, rows: rows)
        try terminal.command(
            "stty -g > before; \(TestWorkspace.program) train \(TestWorkspace.example); stty -g > after")
        try terminal.wait(forText: "running")
        return terminal
    }

    private func steps(on screen: String) -> Int? {
        screen.firstMatch(of: /step (\d+)/).flatMap { Int($0.1) }
    }

    @Test(arguments: [(120, 36), (80, 24), (200, 60)])
    func theLossAppearsAndFalls(columns: Int, rows: Int) throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let terminal = try training(in: workspace, columns: columns, rows: rows)
        let screen = try terminal.wait(for: "curves, statistics, γ and β") { screen in
            ["loss", "accuracy", "running_mean", "running_var", "γ", "β"].allSatisfy(screen.contains)
                && (steps(on: screen) ?? 0) > 120
        }
        #expect(screen.contains("batchnorm-cnn"))
        let values = try scalars(of: Self.run, in: workspace, tag: "train/loss")
        let early = values.prefix(10).reduce(0, +) / 10
        let late = values.suffix(10).reduce(0, +) / 10
        #expect(values.count >= 100)
        #expect(late < early / 2)
    }

    @Test func pauseStopsTheStepCounterAndResumeMovesIt() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let terminal = try training(in: workspace)
        try terminal.press("p")
        try terminal.wait(forText: "paused at step")
        let paused = workspace.step(of: Self.run)
        #expect(workspace.state(of: Self.run) == "paused")
        // An evaluation while paused proves that the engine is awake, and that it takes no step.
        try terminal.press("e")
        try terminal.wait(forText: "validation loss")
        #expect(workspace.step(of: Self.run) == paused)
        try terminal.press("Space")
        try wait(for: "steps after resume") { workspace.step(of: Self.run) > paused }
    }

    @Test func aCheckpointIsWrittenAndListed() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let terminal = try training(in: workspace)
        try terminal.press("p")
        try terminal.wait(forText: "paused at step")
        try terminal.press("c")
        try terminal.wait(forText: "wrote step-")
        let step = workspace.step(of: Self.run)
        let files = workspace.files(in: "runs/\(Self.run)/checkpoints")
        #expect(files.contains { $0.hasSuffix(String(format: "%08d.pth", step)) })
        try terminal.wait(for: "the checkpoint in the list") {
            $0.contains("checkpoints 1") || $0.contains("step \(step) ")
        }
    }

    @Test func theLearningRateChangesInTheNextSteps() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let terminal = try training(in: workspace)
        try terminal.press("L")
        try terminal.wait(forText: "Learning rate")
        try terminal.type("×0.5")
        try terminal.wait(forText: "→")
        try terminal.press("Enter")
        try terminal.wait(forText: "learning rate")
        try wait(for: "a lower rate in the log") {
            let rates = (try? scalars(of: Self.run, in: workspace, tag: "lr")) ?? []
            guard let first = rates.first, let last = rates.last else { return false }
            return last < first * 0.6 && last > first * 0.4
        }
    }

    @Test func detachingLeavesTheEngineTrainingAndWatchFindsItAgain() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let terminal = try training(in: workspace)
        try terminal.press("q")
        try terminal.wait(forText: "detach")
        try terminal.press("d")
        try terminal.wait(forText: "goes on")
        try terminal.wait(for: "the shell's prompt") { $0.contains("$ ") }
        try wait(for: "the terminal's settings") { (try? workspace.text("after"))?.hasSuffix("\n") ?? false }
        #expect(try workspace.text("after") == workspace.text("before"))
        let step = workspace.step(of: Self.run)
        try wait(for: "steps without a screen") { workspace.step(of: Self.run) > step }
        try terminal.command("clear; \(TestWorkspace.program) watch runs")
        try terminal.wait(forText: "running")
        try terminal.wait(for: "the run's step") { (steps(on: $0) ?? 0) > step }
    }

    @Test func stoppingFromTheScreenWritesACheckpointAndEndsTheEngine() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let terminal = try training(in: workspace)
        let pid = try #require(workspace.enginePid(of: Self.run))
        try terminal.press("q")
        try terminal.wait(forText: "stop and save")
        try terminal.press("s")
        try wait(for: "the engine's end") { kill(pid, 0) != 0 }
        #expect(workspace.state(of: Self.run) == "stopped")
        let last = String(format: "step-%08d.pth", workspace.step(of: Self.run))
        #expect(workspace.files(in: "runs/\(Self.run)/checkpoints").contains(last))
    }

    @Test func aStopThatCannotBeSaidKeepsTheScreenOpen() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let terminal = try training(in: workspace)
        // A command file that anybody may write to is refused by both sides.
        let commands = "runs/\(Self.run)/commands.jsonl"
        try workspace.write("", to: commands)
        chmod(workspace.path(commands), 0o666)
        try terminal.press("q")
        try terminal.wait(forText: "stop and save")
        try terminal.press("s")
        try terminal.wait(forText: "commands refused")
        #expect(workspace.state(of: Self.run) == "running")
        chmod(workspace.path(commands), 0o600)
        try terminal.press("p")
        try terminal.wait(forText: "paused at step")
    }

    @Test func killingTheDashboardLeavesTheEngineTraining() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let terminal = try TerminalSession(in: workspace)
        try terminal.command("\(TestWorkspace.program) train \(TestWorkspace.example) & echo $! > dashboard; fg")
        try terminal.wait(forText: "running")
        let pid = try #require(Int32(workspace.text("dashboard").trimmingCharacters(in: .whitespacesAndNewlines)))
        kill(pid, SIGKILL)
        try wait(for: "the dashboard's end") { kill(pid, 0) != 0 }
        let step = workspace.step(of: Self.run)
        try wait(for: "steps without a dashboard") { workspace.step(of: Self.run) > step + 20 }
    }

    @Test func aKilledEngineIsNoticedAndCanBeResumed() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let terminal = try training(in: workspace)
        try terminal.press("c")
        try terminal.wait(forText: "wrote step-")
        kill(try #require(workspace.enginePid(of: Self.run)), SIGKILL)
        try terminal.wait(forText: "engine gone", seconds: 20)
        try terminal.wait(forText: "resume from step")
        try terminal.press("p")
        try terminal.wait(forText: "running")
    }

    @Test(arguments: ["TERM", "HUP"])
    func aSignalGivesTheTerminalBack(name: String) throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let terminal = try TerminalSession(in: workspace)
        try terminal.command(
            "stty -g > before; sh -c 'echo $$ > dashboard; exec \(TestWorkspace.program) train \(TestWorkspace.example)'; stty -g > after"
        )
        try terminal.wait(forText: "running")
        let pid = try #require(Int32(workspace.text("dashboard").trimmingCharacters(in: .whitespacesAndNewlines)))
        kill(pid, name == "TERM" ? SIGTERM : SIGHUP)
        try wait(for: "the end of the dashboard") { (try? workspace.text("after"))?.hasSuffix("\n") ?? false }
        try terminal.wait(for: "the shell's own screen") { $0.contains("stty -g > before") }
        #expect(try workspace.text("after") == workspace.text("before"))
    }

    @Test func theScreenFollowsAResizeAndSaysWhenItIsTooSmall() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let terminal = try training(in: workspace)
        try terminal.resize(columns: 50, rows: 10)
        try terminal.wait(forText: "window too small")
        try terminal.resize(columns: 80, rows: 24)
        try terminal.wait(forText: "running_mean")
        try terminal.press("?")
        try terminal.wait(forText: "Steer the training")
        try terminal.press("Escape")
        try terminal.wait(for: "the help gone") { !$0.contains("Steer the training") }
    }
}

/// One scalar of a run, in the order of its steps, as our own reader finds it.
private func scalars(of run: String, in workspace: TestWorkspace, tag: String) throws -> [Float] {
    try LoggedScalars(directory: workspace.path("runs/\(run)"))[tag]
}
