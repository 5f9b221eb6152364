import Checkpoints
import EventLog
import Glibc
import Network
import Runs
import Syntax

/// The process that trains: takes steps, obeys the command file between two of them, and writes the run directory.
///
/// It never draws. Whatever goes wrong in the middle (a batch that is not finite, a disk that fills) pauses the run with
/// the reason in status.json and waits for `resume` or `stop`; nothing that was written is lost.
package final class Engine {
    /// How a run ends.
    package enum Ending: String, Sendable {
        case finished, stopped, killed
    }

    enum Mode: Equatable {
        case running
        case paused
        case ending(Ending)
    }

    /// What a headless run tells as it goes on.
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
    private var commands: CommandReader
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
        statusFile.beginBeating()
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
    private func evaluate(always: Bool = true) throws -> Validation {
        let isKept = always || clock.now() - recordKeptAt >= Self.recordInterval
        let result = isKept ? examine() : trainer.validate()
        let now = clock.now()
        recorder.validation(result, step: trainer.position.step, at: now)
        recorder.network(trainer.network, step: trainer.position.step, at: now, always: true)
        rest()
        try recorder.flush(at: now)
        observer(.validated(result, position: trainer.position))
        return result
    }

    /// A record that can't be written stops nobody: the figures are in the log.
    private func examine() -> Validation {
        let (result, record) = trainer.examine()
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
    private func writeCheckpoint(epoch: Int? = nil) throws -> String {
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
    private func attempt(_ work: () throws -> Void) {
        do {
            try work()
        } catch {
            pause(because: "\(error)")
        }
    }

    private func pause(because reason: String? = nil) {
        mode = .paused
        rest()
        show(.paused, error: reason)
        guard let reason else { return }
        say("paused: \(reason)")
        observer(.paused(reason))
    }

    /// The time until the next step is nobody's speed, and none has to be caught up with.
    private func rest() {
        recorder.rest()
        pacer.rest()
    }

    private func say(_ text: String) {
        log.append(text, at: clock.now())
        observer(.said(text))
    }
}

// MARK: - Commands

extension Engine {
    private func obeyCommands() {
        let items: [CommandReader.Item]
        do {
            items = try commands.poll()
        } catch {
            say("\(error)")
            return
        }
        for item in items {
            switch item {
            case .command(let command): obey(command)
            case .rejected(let problem): say("\(problem)")
            }
        }
    }

    /// A command that can't be carried out and leaves everything as it was.
    private struct Refusal: Error {
        let reason: String
    }

    private func obey(_ command: Command) {
        let answer: String
        var failed = true
        do {
            answer = try carryOut(command.action)
            failed = false
        } catch let refusal as Refusal {
            answer = refusal.reason
        } catch {
            answer = "\(command.action) failed: \(error)"
            pause(because: "\(error)")
        }
        say("\(command.action): \(answer)")
        status.lastCommand = command.id
        status.lastAnswer = answer
        status.lastCommandFailed = failed
        show(status.state, error: status.error)
        recorder.control("\(command.action): \(answer)", step: trainer.position.step, at: clock.now())
        attempt { try recorder.flush(at: clock.now()) }
    }

    /// What was done, in words.
    private func carryOut(_ action: Command.Action) throws -> String {
        switch action {
        case .pause:
            pause()
            return "paused at step \(trainer.position.step)"
        case .resume:
            mode = .running
            // The time that it stood still is no step that takes long.
            status.stepped = status.stepped.map { _ in clock.now() }
            show(.running)
            return "training goes on from step \(trainer.position.step)"
        case .checkpoint: return "wrote " + (try writeCheckpoint())
        case .evaluate: return describe(try evaluate())
        case .set(let setting): return try set(setting)
        case .stop:
            mode = .ending(.stopped)
            return "stopping at step \(trainer.position.step)"
        case .kill:
            mode = .ending(.killed)
            return "ended at step \(trainer.position.step) without a checkpoint"
        }
    }

    private func describe(_ result: Validation) -> String {
        "validation loss \(rounded(result.loss)), accuracy \(rounded(result.accuracy)) "
            + "(\(result.correct) of \(result.count))"
    }

    /// Four significant digits, as PyTorch prints a tensor.
    private func significant(_ value: Double) -> String {
        guard value != 0, value.isFinite else { return "\(value)" }
        let scale = pow(10, 3 - floor(log10(abs(value))))
        return "\((value * scale).rounded() / scale)"
    }

    private func rounded(_ value: Double) -> String { "\((value * 1e4).rounded() / 1e4)" }

    private func set(_ setting: Setting) throws -> String {
        switch setting {
        case .learningRate(let rate): return setLearningRate(rate)
        case .learningRateFactor(let factor): return setLearningRate(trainer.learningRate * factor)
        case .pace(let pace): return setPace(pace)
        case .paceFactor(let factor):
            return setPace(pacer.pace.times(factor, stepsPerSecond: recorder.stepsPerSecond))
        case .momentum(let momentum, let layer): return try setMomentum(momentum, of: layer)
        }
    }

    private func setMomentum(_ momentum: Double?, of wanted: String?) throws(Refusal) -> String {
        let all = trainer.network.normalizationLayers
        if let wanted, !all.contains(wanted) {
            let nearest = Spelling.nearest(to: wanted, among: all).map { ": did you mean \($0)?" } ?? ""
            throw Refusal(reason: "no normalization layer '\(wanted)'" + nearest)
        }
        guard !all.isEmpty else { throw Refusal(reason: "this network has no normalization layer") }
        let layers = wanted.map { [$0] } ?? all
        for layer in layers {
            trainer.setMomentum(momentum, of: layer)
            recorder.momentum(momentum, of: layer, step: trainer.position.step, at: clock.now())
        }
        let place = layers.count == 1 ? layers[0] : "\(layers.count) layers"
        return "momentum of \(place) is \(Setting.momentum(momentum, layer: nil).value)"
    }

    private func setLearningRate(_ rate: Double) -> String {
        let before = trainer.learningRate
        trainer.setLearningRate(rate)
        return "learning rate \(significant(before)) → \(significant(trainer.learningRate))"
    }

    private func setPace(_ pace: Pace) -> String {
        pacer.pace = pace
        status.pace = pace
        return pace == .full ? "pace full" : "pace \(pace) steps a second"
    }
}

// MARK: - Status

extension Engine {
    private func show(_ state: RunStatus.State, error: String? = nil) {
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
