import FileTesting
import Foundation
import Runs
import Testing

@Suite struct RunStatusTests {
    private let status = RunStatus(
        state: .paused, engine: EngineProcess(pid: 4711, host: "box", startTicks: 99, boot: "b"), step: 1200, epoch: 12,
        epochs: 30, stepsPerEpoch: 94, pace: .stepsPerSecond(50), lastCommand: "id1", lastAnswer: "paused at step 1200",
        updated: 1_763_877_931.5)

    @Test func theFileIsJSONWithEveryKey() throws {
        let folder = try TemporaryFolder()
        try status.write(to: "\(folder.path)/status.json")
        #expect(
            try folder.read("status.json")
                == #"{"boot":"b","can":null,"engine":null,"epoch":12,"epochs":30,"error":null,"host":"box","#
                + #""lastAnswer":"paused at step 1200","lastCommand":"id1","lastCommandFailed":false,"pace":50,"#
                + #""pid":4711,"processStart":99,"ranks":1,"state":"paused","step":1200,"stepped":null,"#
                + #""stepsPerEpoch":94,"updated":1763877931.5}"# + "\n")
        #expect(try folder.names() == ["status.json"])
    }

    @Test(arguments: [Pace.full, .stepsPerSecond(0.5)])
    func whatIsWrittenIsReadAgain(pace: Pace) throws {
        let folder = try TemporaryFolder()
        var status = status
        status.pace = pace
        status.error = "line \"one\"\nand ü"
        try status.write(to: "\(folder.path)/status.json")
        #expect(try RunStatus.read(from: "\(folder.path)/status.json") == status)
    }

    @Test func keysOfANewerEngineAreIgnoredAndThoseOfAnOlderOneHaveDefaults() throws {
        let folder = try TemporaryFolder()
        try folder.write("status.json", #"{"state":"running","mood":{"a":[1]}}"#)
        let status = try #require(try RunStatus.read(from: "\(folder.path)/status.json"))
        #expect(status.state == .running)
        #expect((status.step, status.pace, status.engine.pid) == (0, .full, 0))
        #expect(status.isOurs && status.ranks == 1 && !status.lastCommandFailed && status.stepped == nil)
        #expect(status.abilities == EngineAbility.standard && status.refusal(of: .evaluate) == nil)
        #expect(status.refusal(of: .setMomentum) == "set momentum: this run's engine can't")
    }

    @Test func whatAnotherEngineCanDoIsReadAndTheRestRefused() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "status.json",
            #"{"state":"running","engine":"PyTorch 2.15.0","can":["pause","set momentum","explain"],"ranks":2,"#
                + #""stepped":5.5,"lastCommandFailed":true}"#)
        let path = "\(folder.path)/status.json"
        let status = try #require(try RunStatus.read(from: path))
        #expect(!status.isOurs && status.programWord == "PyTorch" && status.ranks == 2 && status.stepped == 5.5)
        #expect(status.abilities == [.pause, .setMomentum] && status.lastCommandFailed)
        #expect(
            status.refusal(of: .evaluate)
                == "evaluate: this PyTorch run can't; pass evaluate= to normscope.attach")
        #expect(status.refusal(of: .setPace)?.hasPrefix("set pace: this PyTorch run can't; ") == true)
        #expect(status.refusal(of: .pause) == nil)
        #expect(
            status.foreignResume
                == "this run was trained by PyTorch 2.15.0: start its script again; "
                + "normscope.attach(…, resume=\"auto\") goes on from the newest checkpoint")
        try status.write(to: path)
        #expect(try RunStatus.read(from: path) == status)
    }

    @Test func noFileIsNoStatus() throws {
        #expect(try RunStatus.read(from: "/nonexistent/status.json") == nil)
    }

    @Test(arguments: [
        ("", "it is not JSON"), (#"{"state":"run"#, "it is not JSON"), ("[]", "it is not a JSON object"),
        (#"{"step":1}"#, "key 'state' is missing"),
        (#"{"state":"dancing"}"#, "key 'state' has a value that is not known"),
        (#"{"state":"running","step":"many"}"#, "key 'step' has a value of another kind"),
    ])
    func aTornOrForeignFileIsAnErrorThatSaysWhy(text: String, problem: String) throws {
        let folder = try TemporaryFolder()
        try folder.write("status.json", text)
        let path = "\(folder.path)/status.json"
        #expect(throws: RunsError.badStatus(path: path, problem: problem)) { try RunStatus.read(from: path) }
    }

    @Test func whoeverReadsWhileItIsReplacedSeesAWholeStatus() async throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/status.json"
        try status.write(to: path)
        let first = status
        async let writer: Void = {
            for step in 0..<2000 {
                var next = first
                next.step = step
                next.lastAnswer = String(repeating: "x", count: step % 500)
                try next.write(to: path)
            }
        }()
        for _ in 0..<2000 {
            let read = try #require(try RunStatus.read(from: path))
            #expect(read.engine == first.engine)
        }
        try await writer
    }

    @Test func anUnwritableFolderIsAnErrorAndLeavesNothingBehind() throws {
        let folder = try TemporaryFolder()
        try folder.write("status.json/in-the-way", "")
        let path = "\(folder.path)/status.json"
        let error = #expect(throws: RunsError.self) { try status.write(to: path) }
        #expect(error?.description == "\(path): cannot be written: Is a directory")
        #expect(try folder.names() == ["status.json"])
    }
}

@Suite struct EngineProcessTests {
    @Test func thisProcessIsAlive() {
        #expect(EngineProcess.current().liveness == .alive)
    }

    @Test func aProcessOnAnotherMachineIsUnknown() {
        #expect(EngineProcess(pid: 1, host: "another-machine").liveness == .unknown(host: "another-machine"))
    }

    @Test func aNumberThatAnotherProcessHasNowDoesNotCount() {
        let me = EngineProcess.current()
        let before = EngineProcess(pid: me.pid, host: me.host, startTicks: me.startTicks + 1, boot: me.boot)
        #expect(before.liveness == .dead)
    }

    @Test func aProcessOfAnEarlierBootIsDead() {
        let me = EngineProcess.current()
        #expect(EngineProcess(pid: me.pid, host: me.host, startTicks: me.startTicks, boot: "another").liveness == .dead)
    }

    @Test(arguments: [0, -1, Int32.max])
    func impossibleNumbersAreDead(pid: Int32) {
        #expect(EngineProcess(pid: pid, host: EngineProcess.current().host).liveness == .dead)
    }

    @Test func aKilledProcessIsDeadBeforeAndAfterItsParentHasSeenIt() throws {
        var pid: pid_t = 0
        let arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("60"), nil]
        defer { arguments.forEach { free($0) } }
        try #require(posix_spawnp(&pid, "sleep", nil, nil, arguments, nil) == 0)
        let process = EngineProcess.running(pid: pid)
        #expect(process.liveness == .alive)
        kill(pid, SIGKILL)
        // WNOWAIT waits until it is a zombie and leaves it one.
        var info = siginfo_t()
        #expect(waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) == 0)
        #expect(process.liveness == .dead)
        #expect(waitpid(pid, nil, 0) == pid)
        #expect(process.liveness == .dead)
    }
}
