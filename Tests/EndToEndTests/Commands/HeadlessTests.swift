import EventLog
import Foundation
import Testing

/// The program without a terminal, as scripts use it.
@Suite struct HeadlessTests {
    private func normscope(_ arguments: String..., in workspace: TestWorkspace) throws -> Outcome {
        try run(TestWorkspace.program, arguments, in: workspace.directory)
    }

    @Test func theExampleLearnsAndEndsWithStatusZero() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let outcome = try normscope("train", "--headless", "--set", "epochs=3", TestWorkspace.example, in: workspace)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
        let accuracy = try LoggedScalars(directory: workspace.path("runs/batchnorm-cnn"))["val/accuracy"]
        #expect(accuracy.count == 3 && accuracy.last! > 0.80)
        #expect(workspace.state(of: "batchnorm-cnn") == "finished")
        let listed = try normscope("runs", "--json", in: workspace)
        let runs = try #require(JSONSerialization.jsonObject(with: Data(listed.output.utf8)) as? [[String: Any]])
        #expect(runs.map { $0["name"] as? String } == ["batchnorm-cnn"])
    }

    /// Each mistake is one line on standard error that says what, where and what to do, and leaves no run behind.
    @Test(arguments: [
        (["--set", "epoch=3"], "did you mean 'epochs'?"),
        (["--set", "optimizer=SGD(lr=0.1, momentm=0.9)"], "did you mean 'momentum'?"),
        (["--set", "model.layer1.1=BatchNorm2(16)"], "did you mean 'BatchNorm2d'?"),
        (["--set", "model.layer1.1=BatchNorm2d(17)"], "layer1.1: BatchNorm2d(17) expects 17 channels"),
        (["--data", "/nonexistent"], "/nonexistent: no such folder"),
        (["--name", "../up"], "run name '../up' cannot be used"),
    ])
    func aMistakeIsOneClearLine(arguments: [String], says: String) throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let outcome = try run(
            TestWorkspace.program, ["train", "--headless", TestWorkspace.example] + arguments, in: workspace.directory)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains(says), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1)
        #expect(workspace.files(in: "runs").isEmpty)
    }

    @Test func aNameThatIsTakenIsNotOverwritten() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        for status in [Int32(0), 1] {
            let outcome = try normscope(
                "train", "--headless", TestWorkspace.example, "--name", "a", "--set", "epochs=1", in: workspace)
            #expect(outcome.status == status, "\(outcome.errors)")
            if status == 1 { #expect(outcome.errors.contains("--name a-2")) }
        }
    }

    @Test func wrongUsageIsStatus64() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        #expect(try normscope("train", "--frobnicate", in: workspace).status == 64)
    }

    @Test func theDashboardNeedsATerminalAndSaysWhatToDo() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let outcome = try normscope("train", TestWorkspace.example, in: workspace)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("normscope train --headless"))
        #expect(workspace.files(in: "runs").isEmpty)
    }

    @Test func aDetachedRunIsSteeredFromAScript() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let terminal = try TerminalSession(in: workspace)
        try terminal.command("\(TestWorkspace.program) train \(TestWorkspace.example)")
        try terminal.wait(forText: "running")
        #expect(try normscope("control", "batchnorm-cnn", "pause", in: workspace).output.hasPrefix("paused at step"))
        #expect(
            try normscope("control", "batchnorm-cnn", "set", "lr=0.005", in: workspace).output
                == "learning rate 0.01 → 0.005\n")
        // Several at once: a status names only the newest answer, and nobody may wait for ever.
        let many = "for i in 1 2 3 4 5; do \(TestWorkspace.program) control batchnorm-cnn evaluate & done; wait"
        let answers = try run("/bin/sh", ["-c", many], in: workspace.directory).output.split(separator: "\n")
        #expect(answers.count == 5)
        #expect(try normscope("control", "batchnorm-cnn", "stop", in: workspace).output.hasPrefix("stopping"))
        try wait(for: "the engine's end") { workspace.state(of: "batchnorm-cnn") == "stopped" }
        #expect(try normscope("control", "batchnorm-cnn", "pause", in: workspace).status == 1)
    }
}
