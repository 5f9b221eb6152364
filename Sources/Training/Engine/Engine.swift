import Checkpoints
import EventLog
import Glibc
import Network
import Runs

/// The process that trains: takes steps, obeys the command file between two of them, and writes the run directory.
///
/// It never draws. Whatever goes wrong in the middle (a batch that is not finite, a disk that fills) pauses the run with
/// the reason in status.json and waits for `resume` or `stop`; nothing that was written is lost.
package final class Engine {
    /// The end of a run.
    package enum Ending: String, Sendable {
        case finished, stopped, killed
    }

    enum Mode: Equatable {
        case running
        case paused
        case ending(Ending)
    }

    /// An event that a headless run reports.
    package enum Report: Sendable {
        case step(loss: Double, position: Position)
        case validated(Validation, position: Position)
        case paused(String)
        case said(String)
    }

    package var observer: (Report) -> Void = { _ in }
    package let trainer: Trainer

    /// How long to wait for a command while there is nothing else to do, in seconds.
    private static let idle = 0.02
    private static let statusInterval = 0.1
    private static let recordInterval = 1.0

    let directory: RunDirectory
    let clock: Clock
    var recorder: RunRecorder
    var status: RunStatus
    var mode = Mode.running
    var pacer: Pacer
    var commands: CommandReader
    private let log: EngineLog
    private let statusFile: StatusFile
    /// When `evaluation.json` was written last.
    private var recordKeptAt = -Double.infinity
    /// The step of the newest checkpoint, so that ending right after one doesn't write it twice.
    private var checkpointedStep: Int64?

    /// - Parameters:
    ///   - trainer: at the beginning, or restored from a checkpoint.
    ///   - isResumed: whether the run directory holds what an earlier engine wrote.
    package init(
        _ directory: RunDirectory, trainer: Trainer, pace: Pace, isResumed: Bool, clock: Clock = .machine
    ) throws {
        self.directory = directory
        self.trainer = trainer
        self.clock = clock
        pacer = Pacer(pace: pace)
        log = EngineLog(path: directory.engineLog)
        statusFile = StatusFile(path: directory.statusFile, clock: clock)
        recorder = try RunRecorder(
            directory: directory.path, startedAt: clock.now(),
            restartStep: isResumed ? trainer.position.step + 1 : nil)
        recorder.settings(trainer.experiment, at: clock.now())
        if isResumed { recorder.ended(.running, at: clock.now()) }
        commands = CommandReader(path: directory.commandsFile, from: isResumed ? .end : .beginning)
        checkpointedStep = isResumed ? trainer.position.step : nil
        status = RunStatus(
            state: .starting, epochs: trainer.experiment.epochs, stepsPerEpoch: trainer.stepsPerEpoch, pace: pace,
            updated: clock.now(), program: RunStatus.ourProgram, can: Self.abilities(of: trainer.network))
    }

    private static func abilities(of network: Network) -> Set<EngineAbility> {
        Set(EngineAbility.allCases).subtracting(network.normalizationLayers.isEmpty ? [.setMomentum] : [])
    }

    /// Trains until the last epoch is done or a command or `shouldStop` ends the run.
    ///
    /// - Parameter shouldStop: asked between steps; true does what the command `stop` does: a checkpoint, then the end.
    ///   Where that checkpoint can't be written the run pauses, and being told once more ends it without one.
    package func run(shouldStop: () -> Bool = { false }) -> Ending {
        say("training from step \(trainer.position.step) of \(trainer.totalSteps)")
        show(.running)
        statusFile.startHeartbeat()
        defer { statusFile.close() }
        var savingFailed = false
        while true {
            obeyCommands()
            if shouldStop() { mode = .ending(savingFailed ? .killed : .stopped) }
            switch mode {
            case .ending(let ending):
                if let end = finish(ending) { return end }
                savingFailed = true
            case .paused: clock.sleep(Self.idle)
            case .running: stepWhenDue()
            }
        }
    }

    private func stepWhenDue() {
        let wait = pacer.wait(at: clock.now())
        guard wait <= 0 else {
            clock.sleep(min(wait, Self.idle))
            return
        }
        pacer.stepStarted(at: clock.now())
        attempt { try step() }
    }

    private func step() throws {
        guard !trainer.isFinished else {
            mode = .ending(.finished)
            return
        }
        let rate = trainer.learningRate
        let result = trainer.step()
        let now = clock.now()
        recorder.step(result, step: trainer.position.step, learningRate: rate, at: now)
        recorder.network(trainer.network, step: trainer.position.step, at: now)
        recorder.system(step: trainer.position.step, at: now)
        status.stepped = now
        observer(.step(loss: result.loss, position: trainer.position))
        if let problem = result.nonFinite { leaveOut(problem) }
        try recorder.flushIfDue(at: now)
        if trainer.isAtEpochEnd { try endEpoch() }
        showProgress(at: now)
    }

    /// A batch with a non-finite loss or statistic changed nothing; someone has to decide how to go on.
    private func leaveOut(_ problem: NonFinite) {
        pause(
            because: "\(problem) at step \(trainer.position.step): that batch was left out; "
                + "resume goes on with the next one, stop saves and ends")
    }

    private func endEpoch() throws {
        try evaluate(always: trainer.isFinished)
        let period = trainer.experiment.checkpoint.everyEpochs
        if period > 0, trainer.position.epoch % period == 0, !trainer.isFinished {
            try writeCheckpoint(epoch: trainer.position.epoch)
        }
        if trainer.isFinished { mode = .ending(.finished) }
    }

    /// The validation images, in evaluation mode; what came out goes to the log, and what was seen to `evaluation.json`
    /// if `always` or its time has come: epochs may last less than a picture is looked at.
    @discardableResult
    func evaluate(always: Bool = true) throws -> Validation {
        let isKept = always || clock.now() - recordKeptAt >= Self.recordInterval
        let result = isKept ? validateAndRecord() : trainer.validate()
        let now = clock.now()
        recorder.validation(result, step: trainer.position.step, at: now)
        recorder.network(trainer.network, step: trainer.position.step, at: now, always: true)
        rest()
        try recorder.flush(at: now)
        observer(.validated(result, position: trainer.position))
        return result
    }

    /// A record that can't be written stops nobody: the figures are in the log.
    private func validateAndRecord() -> Validation {
        let (result, record) = trainer.validateAndRecord()
        recordKeptAt = clock.now()
        do {
            try record.write(to: directory.evaluationFile)
        } catch {
            say("\(error)")
        }
        return result
    }

    /// - Parameter epoch: epochs done, for a checkpoint of the plan's; nil for one that someone asked for, which stays.
    @discardableResult
    func writeCheckpoint(epoch: Int? = nil) throws -> String {
        let step = trainer.position.step
        let name = SavedCheckpoint.fileName(step: Int(step), epoch: epoch)
        try trainer.checkpoint().write(to: "\(directory.checkpointsFolder)/\(name)")
        checkpointedStep = step
        say("checkpoint \(name)")
        prune()
        rest()
        return name
    }

    private func prune() {
        let all = SavedCheckpoint.list(in: directory.checkpointsFolder)
        for old in CheckpointRetention.deletable(all, keep: trainer.experiment.checkpoint.keep) {
            unlink(old.path)
        }
    }

    /// Ends the run; nil if that failed and the run is paused instead.
    private func finish(_ ending: Ending) -> Ending? {
        if ending != .killed {
            attempt {
                if checkpointedStep != trainer.position.step { try writeCheckpoint() }
                recorder.ended(ending == .finished ? .success : .unknown, at: clock.now())
                try recorder.flush(at: clock.now())
            }
            guard mode == .ending(ending) else { return nil }
        }
        say("\(ending.rawValue) at step \(trainer.position.step)")
        show(ending == .finished ? .finished : .stopped)
        return ending
    }

    /// Does `work`; if it fails, the run pauses and says why.
    func attempt(_ work: () throws -> Void) {
        do {
            try work()
        } catch {
            pause(because: "\(error)")
        }
    }

    func pause(because reason: String? = nil) {
        mode = .paused
        rest()
        show(.paused, error: reason)
        guard let reason else { return }
        say("paused: \(reason)")
        observer(.paused(reason))
    }

    /// The time until the next step does not count as speed, and nothing has to be caught up with.
    private func rest() {
        recorder.rest()
        pacer.rest()
    }

    func say(_ text: String) {
        log.append(text, at: clock.now())
        observer(.said(text))
    }

    func show(_ state: RunStatus.State, error: String? = nil) {
        status.state = state
        status.error = error
        status.step = Int(trainer.position.step)
        status.epoch = trainer.position.epoch
        status.updated = clock.now()
        do {
            try statusFile.write(status)
        } catch {
            say("\(error)")
        }
    }

    private func showProgress(at now: Double) {
        guard mode == .running, now - status.updated >= Self.statusInterval else { return }
        show(.running)
    }
}
