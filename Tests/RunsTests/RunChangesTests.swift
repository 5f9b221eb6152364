import FileTesting
import Foundation
import Runs
import Testing

@Suite struct RunChangesTests {
    private let folder: TemporaryFolder
    private let run: RunDirectory

    init() throws {
        folder = try TemporaryFolder()
        run = try RunDirectory.create(named: "cnn", in: folder.path)
        try folder.write("cnn/experiment.yaml", "name: cnn\n")
    }

    /// Writes a status, of this process unless told otherwise.
    private func write(
        _ state: RunStatus.State, _ engine: EngineProcess = .current(), program: String? = nil
    ) throws {
        try RunStatus(state: state, engine: engine, updated: 5, program: program).write(to: run.statusFile)
    }

    private func message(_ work: () throws(RunsError) -> Void) -> String? {
        do throws(RunsError) { try work() } catch { return error.description }
        return nil
    }

    /// An engine that was on this machine before its last boot.
    private static let gone = EngineProcess(pid: 1, host: EngineProcess.current().host, boot: "another boot")

    // MARK: - Renaming and deleting

    @Test func aRunGetsAnotherName() throws {
        try write(.finished)
        let renamed = try run.rename(to: "resnet")
        #expect(renamed.path == "\(folder.path)/resnet")
        #expect(try folder.names() == ["resnet"])
        #expect(try RunStatus.read(from: renamed.statusFile)?.state == .finished)
    }

    @Test func aNameThatIsTakenOrNoNameIsRefused() throws {
        _ = try RunDirectory.create(named: "resnet", in: folder.path)
        #expect(
            message { () throws(RunsError) in _ = try run.rename(to: "resnet") }
                == "\(run.path): can't be renamed to resnet: there is something of that name already")
        #expect(
            message { () throws(RunsError) in _ = try run.rename(to: "../x") }
                == "run name '../x' cannot be used: it must start with a letter or a digit")
        #expect(try folder.names() == ["cnn", "resnet"])
    }

    @Test func aDeletedRunIsGoneWithAllInIt() throws {
        try folder.write("cnn/checkpoints/step-00000001.pth", "x")
        try write(.stopped)
        try run.delete()
        #expect(try folder.names().isEmpty)
        #expect(
            message { () throws(RunsError) in try run.delete() }
                == "\(run.path): can't be deleted: No such file or directory")
    }

    @Test(arguments: [RunStatus.State.starting, .running, .paused])
    func aRunThatTrainsIsLeftAlone(_ state: RunStatus.State) throws {
        try write(state)
        let refusal =
            "\(run.path): an engine is training it already (pid \(getpid())): normscope watch \(run.path) shows it"
        #expect(message { () throws(RunsError) in _ = try run.rename(to: "resnet") } == refusal)
        #expect(message { () throws(RunsError) in try run.delete() } == refusal)
        #expect(message { () throws(RunsError) in try run.requireNoEngine() } == refusal)
        #expect(try folder.names() == ["cnn"])
    }

    @Test func aRunWhoseEngineIsGoneMayBeDeleted() throws {
        try write(.running, Self.gone)
        try run.delete()
        #expect(try folder.names().isEmpty)
    }

    // MARK: - The engine

    @Test func theStatusOfALivingEngineIsGiven() throws {
        try write(.paused)
        #expect(try run.requireEngine().state == .paused)
    }

    @Test func withoutAnEngineTheErrorSaysHowToGoOn() throws {
        let require = { () throws(RunsError) in _ = try run.requireEngine() }
        let way = ": normscope resume \(run.path) goes on"
        #expect(message(require) == "\(run.path): nothing is training here (not started)" + way)
        try write(.stopped)
        #expect(message(require) == "\(run.path): nothing is training here (stopped)" + way)
        try write(.running, Self.gone)
        #expect(message(require) == "\(run.path): nothing is training here (its engine is gone)" + way)
        try write(.finished)
        #expect(message(require) == "\(run.path): nothing is training here (finished)")
    }

    @Test func onlyTheOtherProgramGoesOnWithItsRun() throws {
        try write(.stopped, program: "normscope")
        #expect(message { () throws(RunsError) in try run.requireResumable() } == nil)
        #expect(RunDirectory.experimentFile(ofCheckpoint: run.checkpointFile(step: 1)) == run.experimentFile)
        try write(.stopped, program: "PyTorch 2.15.0")
        #expect(
            message { () throws(RunsError) in try run.requireResumable() }?
                .hasPrefix("\(run.path): this run was trained by PyTorch 2.15.0: start its script again") == true)
        #expect(RunDirectory.experimentFile(ofCheckpoint: run.checkpointFile(step: 1)) == nil)
    }

    @Test func theNewestCheckpointIsTheOneToGoOnFrom() throws {
        let newest = { () throws(RunsError) in _ = try run.newestCheckpoint() }
        #expect(
            message(newest)
                == "\(run.path): there is no checkpoint to go on from: start anew with "
                + "normscope train \(run.path)/experiment.yaml")
        for step in [900, 1200, 300] {
            try folder.write("cnn/checkpoints/" + SavedCheckpoint.fileName(step: step), "x")
        }
        #expect(try run.newestCheckpoint() == run.checkpointFile(step: 1200))
    }

    // MARK: - Commands

    @Test func aCommandThatIsSentIsReadByTheEngine() throws {
        var reader = CommandReader(path: run.commandsFile)
        let first = try run.send(.pause, at: 7)
        let second = try run.send(.set(.learningRate(0.5)))
        let commands = try reader.poll().compactMap { if case .command(let command) = $0 { command } else { nil } }
        #expect(commands.map(\.id) == [first, second])
        #expect(commands.map(\.action) == [.pause, .set(.learningRate(0.5))])
        #expect(commands[0].time == 7 && abs(commands[1].time - Date().timeIntervalSince1970) < 60)
        #expect(try run.wasAsked(second, after: first))
        #expect(try !run.wasAsked(first, after: second))
        #expect(try !run.wasAsked("neither", after: first))
    }
}
