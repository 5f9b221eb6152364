import Foundation
import Testing

/// The commands on a run whose engine is another program: a process that only sleeps, for which the test writes the files.
@Suite struct ForeignRunCommandTests {
    /// A run directory, and the process that its status names.
    private final class Engine {
        let workshop: Workshop
        private let process = Process()

        init() throws {
            workshop = try Workshop()
            process.executableURL = URL(fileURLWithPath: "/bin/sleep")
            process.arguments = ["600"]
            try process.run()
            try write()
            _ = FileManager.default.createFile(
                atPath: workshop.path("runs/net/commands.jsonl"), contents: nil, attributes: [.posixPermissions: 0o600])
        }

        func write(_ state: String = "running", age: Double = 0, answering command: String? = nil) throws {
            let answer = command.map {
                #""lastCommand":"\#($0)","lastAnswer":"the disk is full","lastCommandFailed":true,"#
            }
            let text = """
                {"state":"\(state)","pid":\(process.processIdentifier),"host":"\(ProcessInfo.processInfo.hostName)",
                "engine":"PyTorch 2.15.0","can":["pause","resume","checkpoint"],"step":7,\(answer ?? "")
                "updated":\(Date().timeIntervalSince1970 - age)}
                """
            try workshop.write(text, to: "runs/net/status.json")
        }

        /// The id of the first command that was asked.
        var asked: String? {
            let line = (try? workshop.text("runs/net/commands.jsonl"))?.split(separator: "\n").first
            let object = line.flatMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
            return object?["id"] as? String
        }

        func normscope(_ arguments: String...) throws -> Outcome {
            try run(Workshop.program, arguments, in: workshop.directory)
        }

        func end() {
            // The child inherited the test runner's blocked signals; this one can't be blocked.
            guard process.isRunning else { return }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }

        deinit {
            end()
            try? FileManager.default.removeItem(atPath: workshop.directory)
        }
    }

    @Test func whatTheEngineCannotDoIsRefusedBeforeItIsAsked() throws {
        let engine = try Engine()
        let refused = try engine.normscope("control", "net", "evaluate")
        #expect(refused.status == 1 && refused.output.isEmpty)
        #expect(refused.errors.contains("evaluate: this PyTorch run can't; pass evaluate= to normscope.attach"))
        #expect(try engine.normscope("control", "net", "set", "momentum=0.05").status == 1)
        #expect(try engine.workshop.text("runs/net/commands.jsonl").isEmpty)
    }

    @Test func aCommandThatFailsEndsWithItsAnswerAsAnError() async throws {
        let engine = try Engine()
        let directory = engine.workshop.directory
        let asking = Task.detached { try run(Workshop.program, ["control", "net", "checkpoint"], in: directory) }
        try wait(for: "the command") { engine.asked != nil }
        try engine.write(answering: engine.asked)
        let outcome = try await asking.value
        #expect(outcome.status == 1 && outcome.output.isEmpty && outcome.errors.contains("the disk is full"))
    }

    @Test func onlyItsOwnProgramGoesOnWithIt() throws {
        let engine = try Engine()
        try engine.workshop.write("x", to: "runs/net/checkpoints/step-00000007.pth")
        let running = try engine.normscope("resume", "net", "--headless")
        #expect(running.status == 1 && running.errors.contains("an engine is training it already"))
        engine.end()
        for place in ["net", "runs/net/checkpoints/step-00000007.pth"] {
            let outcome = try engine.normscope("resume", place)
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("this run was trained by PyTorch 2.15.0: start its script again"))
            #expect(outcome.errors.split(separator: "\n").count == 1)
        }
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
