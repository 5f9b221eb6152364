import Foundation
import Testing

/// The commands on a run whose engine is another program: a process that only sleeps, for which the test writes the files.
@Suite struct ForeignRunCommandTests {
    /// A run directory, and the process that its status names.
    private final class Engine {
        let workspace: TestWorkspace
        private let process = Process()

        init() throws {
            workspace = try TestWorkspace()
            process.executableURL = URL(fileURLWithPath: "/bin/sleep")
            process.arguments = ["600"]
            try process.run()
            try write()
            _ = FileManager.default.createFile(
                atPath: workspace.path("runs/net/commands.jsonl"), contents: nil, attributes: [.posixPermissions: 0o600]
            )
        }

        func write(_ name: String = "status.json", age: Double = 0, answering command: String? = nil) throws {
            let answer = command.map {
                #""lastCommand":"\#($0)","lastAnswer":"the disk is full","lastCommandFailed":true,"#
            }
            let text = """
                {"state":"running","pid":\(process.processIdentifier),"host":"\(ProcessInfo.processInfo.hostName)",
                "engine":"PyTorch 2.15.0","can":["pause","resume","checkpoint"],"step":7,\(answer ?? "")
                "updated":\(Date().timeIntervalSince1970 - age)}
                """
            try workspace.write(text, to: "runs/net/" + name)
        }

        /// Starts a shell that waits for the first command and says in the status that it failed.
        func failTheNextCommand() throws {
            try write("answer", answering: "THE-ID")
            let shell = Process()
            shell.executableURL = URL(fileURLWithPath: "/bin/sh")
            shell.currentDirectoryURL = URL(fileURLWithPath: workspace.path("runs/net"))
            let script = #"""
                n=0; while [ ! -s commands.jsonl ] && [ $n -lt 3000 ]; do sleep 0.02; n=$((n + 1)); done
                id=$(sed -n 's/.*"id":"\([^"]*\)".*/\1/p' commands.jsonl)
                sed "s/THE-ID/$id/" answer > answered && mv answered status.json
                """#
            shell.arguments = ["-c", script]
            try shell.run()
        }

        func normscope(_ arguments: String...) throws -> Outcome {
            try run(TestWorkspace.program, arguments, in: workspace.directory)
        }

        func end() {
            // The child inherited the test runner's blocked signals; this one can't be blocked.
            guard process.isRunning else { return }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }

        deinit {
            end()
            try? FileManager.default.removeItem(atPath: workspace.directory)
        }
    }

    @Test func whatTheEngineCannotDoIsRefusedBeforeItIsAsked() throws {
        let engine = try Engine()
        let refused = try engine.normscope("control", "net", "evaluate")
        #expect(refused.status == 1 && refused.output.isEmpty)
        #expect(refused.errors.contains("evaluate: this PyTorch run can't; pass evaluate= to normscope.attach"))
        #expect(try engine.normscope("control", "net", "set", "momentum=0.05").status == 1)
        #expect(try engine.workspace.text("runs/net/commands.jsonl").isEmpty)
    }

    @Test func aCommandThatFailsEndsWithItsAnswerAsAnError() throws {
        let engine = try Engine()
        try engine.failTheNextCommand()
        let outcome = try engine.normscope("control", "net", "checkpoint")
        #expect(outcome.status == 1 && outcome.output.isEmpty && outcome.errors.contains("the disk is full"))
    }

    @Test func onlyItsOwnProgramGoesOnWithIt() throws {
        let engine = try Engine()
        try engine.workspace.write("x", to: "runs/net/checkpoints/step-00000007.pth")
        let running = try engine.normscope("resume", "net", "--headless")
        #expect(running.status == 1 && running.errors.contains("an engine is training it already"))
        engine.end()
        for place in ["net", "runs/net/checkpoints/step-00000007.pth"] {
            let outcome = try engine.normscope("resume", place)
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("this run was trained by PyTorch 2.15.0: start its script again"))
            #expect(outcome.errors.split(separator: "\n").count == 1)
        }
        let evaluated = try engine.normscope("eval", "runs/net/checkpoints/step-00000007.pth")
        #expect(evaluated.status == 1 && evaluated.errors.contains("only the script that trained it knows the network"))
    }

    @Test func theListOfRunsTellsSilenceFromRunningAndFromLoss() throws {
        let engine = try Engine()
        #expect(try engine.normscope("runs").output.contains("running"))
        try engine.write(age: 30)
        let silent = try engine.normscope("runs").output
        #expect(silent.contains("silent since ") && !silent.contains("running"))
        let json = try engine.normscope("runs", "--json").output
        let list = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]])
        #expect(list.first?["state"] as? String == "silent" && list.first?["silentSince"] is Double)
        #expect((list.first?["status"] as? [String: Any])?["engine"] as? String == "PyTorch 2.15.0")
        engine.end()
        #expect(try engine.normscope("runs").output.contains("engine gone"))
    }
}
