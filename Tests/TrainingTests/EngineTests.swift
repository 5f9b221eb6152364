import Checkpoints
import EventLog
import Foundation
import Runs
import Synchronization
import Testing

@testable import Training

/// The engine with a clock that the test holds: time passes only while the engine sleeps.
@Suite struct EngineTests {
    /// What the test does each time the engine sleeps, and how much time has passed by then.
    private final class Script: Sendable {
        private let time = Mutex(1_700_000_000.0)
        private let steps: Mutex<[@Sendable () -> Void]>

        init(_ steps: [@Sendable () -> Void] = []) {
            self.steps = Mutex(steps)
        }

        var clock: Clock {
            Clock(
                now: { self.time.withLock { $0 } },
                sleep: { seconds in
                    self.time.withLock { $0 += seconds }
                    let next = self.steps.withLock { $0.isEmpty ? nil : $0.removeFirst() }
                    next?()
                })
        }
    }

    private func engine(
        _ directory: RunDirectory, pace: Pace = .full, script: Script = Script()
    ) throws -> Engine {
        let trainer = try Trainer(Experiment.load(directory.experimentFile), threads: 2)
        return try Engine(directory, trainer: trainer, pace: pace, isResumed: false, clock: script.clock)
    }

    private func ask(_ action: Command.Action, of directory: RunDirectory) {
        #expect(throws: Never.self) {
            try CommandWriter.append(Command(time: 0, action: action), to: directory.commandsFile)
        }
    }

    private func log(of directory: RunDirectory) throws -> LogSnapshot {
        let follower = LogFollower(directory: directory.path)
        _ = try follower.poll()
        return follower.snapshot
    }

    private func status(of directory: RunDirectory) throws -> RunStatus {
        try #require(try RunStatus.read(from: directory.statusFile))
    }

    @Test func aRunToTheEndLeavesEverythingBehind() throws {
        let laboratory = try Laboratory()
        defer { laboratory.close() }
        let directory = try laboratory.run("checkpoint.keep=1")
        #expect(try engine(directory).run() == .finished)
        let status = try status(of: directory)
        #expect(status.state == .finished && status.step == 36 && status.epoch == 3)
        let names = SavedCheckpoint.list(in: directory.checkpointsFolder).map(\.name)
        #expect(names == ["step-00000024-epoch-0002.pth", "step-00000036.pth"])
        let log = try log(of: directory)
        #expect(log.scalars["train/loss"]?.map(\.step) == Array(1...36))
        #expect(log.scalars["val/accuracy"]?.map(\.step) == [12, 24, 36])
        #expect(log.tensors["batchnorm/layer1.1/running_mean"]?.last?.value.count == 16)
        #expect(log.histograms["layer1.1.weight"]?.last?.value.count == 16)
        #expect(log.histograms["fc.weight"] != nil)
        #expect(log.problemCount == 0)
        #expect(log.tensors["batchnorm/layer1.1/num_batches_tracked"]?.last?.value == [36])
        #expect(log.tensors["batchnorm/layer1.1/momentum"]?.map(\.value) == [[0.1]])
    }

    @Test func anEvaluationLeavesWhatItSaw() throws {
        let laboratory = try Laboratory()
        defer { laboratory.close() }
        let directory = try laboratory.run()
        #expect(try engine(directory).run() == .finished)
        let record = try #require(try EvaluationRecord.read(from: directory.evaluationFile))
        let accuracy = try #require(try log(of: directory).scalars["val/accuracy"]?.last?.value)
        #expect(record.step == 36 && record.count == 40 && record.classes.count == 4)
        #expect(record.wrong == 40 - Int((accuracy * 40).rounded()))
        let mistakes = record.samples.prefix { !$0.isRight }
        #expect(
            mistakes.count == min(36, record.wrong) && record.samples.dropFirst(mistakes.count).allSatisfy(\.isRight))
        #expect(mistakes.map(\.probability) == mistakes.map(\.probability).sorted(by: >))
        #expect(record.filters?.name == "layer1.0.weight" && record.filters?.shape == [16, 3, 3, 3])
        #expect(
            record.samples.allSatisfy { $0.pixels.count == record.channels * 8 * 8 && $0.pixels.contains { $0 > 0 } })
    }

    @Test func aLayerWithoutRunningStatisticsLogsNone() throws {
        let laboratory = try Laboratory()
        defer { laboratory.close() }
        let yaml = Laboratory.yaml.replacing("BatchNorm2d(16)", with: "BatchNorm2d(16, track_running_stats=False)")
        let directory = try RunDirectory.create(named: "untracked", in: laboratory.folder)
        try yaml.write(toFile: directory.experimentFile, atomically: true, encoding: .utf8)
        #expect(try engine(directory).run() == .finished)
        let tensors = try log(of: directory).tensors
        #expect(tensors["batchnorm/layer1.1/batch_mean"] != nil && tensors["batchnorm/layer1.1/running_mean"] == nil)
    }

    @Test func pauseStopsStepsAndResumeGoesOn() throws {
        let laboratory = try Laboratory()
        defer { laboratory.close() }
        let directory = try laboratory.run()
        let paused = Mutex<[Int]>([])
        let note: @Sendable () -> Void = {
            let status = try? RunStatus.read(from: directory.statusFile)
            paused.withLock { $0.append(status?.state == .paused ? status?.step ?? -1 : -1) }
        }
        ask(.pause, of: directory)
        let script = Script([note, note, { ask(.resume, of: directory) }])
        #expect(try engine(directory, script: script).run() == .finished)
        #expect(paused.withLock { $0 } == [0, 0])
        let controls = try log(of: directory).texts["control"]?.map(\.value) ?? []
        #expect(controls.map { $0.prefix(6) } == ["pause:", "resume"])
    }

    @Test func stopWritesACheckpointAndKillDoesNot() throws {
        let laboratory = try Laboratory()
        defer { laboratory.close() }
        for (action, ending, files) in [(Command.Action.stop, Engine.Ending.stopped, 1), (.kill, .killed, 0)] {
            let directory = try laboratory.run(named: action.word)
            ask(action, of: directory)
            #expect(try engine(directory).run() == ending)
            #expect(SavedCheckpoint.list(in: directory.checkpointsFolder).count == files)
            #expect(try status(of: directory).state == .stopped)
        }
    }

    @Test func aLearningRateIsUsedFromTheNextStepOn() throws {
        let laboratory = try Laboratory()
        defer { laboratory.close() }
        let directory = try laboratory.run()
        ask(.set(.learningRateFactor(0.5)), of: directory)
        _ = try engine(directory).run()
        let rates = try #require(try log(of: directory).scalars["lr"]).map(\.value)
        #expect(rates.prefix(12) == ArraySlice(repeating: 0.01, count: 12))
        #expect(rates[12] < 0.01)
        #expect(try status(of: directory).lastAnswer == "learning rate 0.02 → 0.01")
    }

    @Test func aMomentumIsUsedLoggedAndSurvivesTheCheckpoint() throws {
        let laboratory = try Laboratory()
        defer { laboratory.close() }
        let directory = try laboratory.run()
        ask(.set(.momentum(0, layer: nil)), of: directory)
        ask(.set(.momentum(nil, layer: "layer1.1")), of: directory)
        ask(.set(.momentum(0.5, layer: "layer1")), of: directory)
        ask(.checkpoint, of: directory)
        ask(.set(.momentum(0, layer: "layer1.1")), of: directory)
        let engine = try engine(directory)
        #expect(engine.run() == .finished)
        let layer = try #require(engine.trainer.network.normalization(of: "layer1.1"))
        #expect(layer.momentum == 0 && layer.runningMean.allSatisfy { $0 == 0 })
        let log = try log(of: directory)
        let logged = log.tensors["batchnorm/layer1.1/momentum"]?.map { $0.value.first ?? -1 } ?? []
        #expect(logged.count == 4 && logged[0] == 0 && logged[1].isNaN && logged[2] == 0 && logged[3] == 0)
        let answers = log.texts["control"]?.map(\.value) ?? []
        #expect(answers.count == 5 && answers[0] == "set momentum=0: momentum of layer1.1 is 0")
        #expect(answers[2].contains("no normalization layer 'layer1': did you mean layer1.1?"))

        let resumed = try Trainer(Experiment.load(directory.experimentFile), threads: 2)
        let path = directory.checkpointFile(step: 0)
        try resumed.restore(TrainingCheckpoint(readingFrom: path), path: path)
        #expect(resumed.network.normalization(of: "layer1.1")?.momentum == nil)
    }

    @Test func theStatusSaysWhoTrainsWhatCanBeAskedAndWhatFailed() throws {
        let laboratory = try Laboratory()
        defer { laboratory.close() }
        let directory = try laboratory.run()
        ask(.pause, of: directory)
        ask(.set(.momentum(0.5, layer: "nowhere")), of: directory)
        let seen = Mutex<[RunStatus?]>([])
        let look: @Sendable () -> Void = {
            seen.withLock { $0.append((try? RunStatus.read(from: directory.statusFile)) ?? nil) }
        }
        let script = Script([
            {
                look()
                ask(.checkpoint, of: directory)
            },
            {
                look()
                ask(.resume, of: directory)
            },
        ])
        #expect(try engine(directory, script: script).run() == .finished)
        let statuses = seen.withLock { $0.compactMap(\.self) }
        #expect(statuses.map(\.lastCommandFailed) == [true, false] && statuses.map(\.state) == [.paused, .paused])
        #expect(statuses[0].lastAnswer == "no normalization layer 'nowhere'")
        let last = try status(of: directory)
        #expect(last.program == "normscope" && last.isOurs && last.can == Set(EngineAbility.allCases))
        #expect(last.stepped != nil && !last.lastCommandFailed && last.ranks == 1)
    }

    /// The clock of the machine, for the thread that keeps the status young waits by it.
    @Test func aPausedEngineKeepsItsStatusYoung() throws {
        let laboratory = try Laboratory()
        defer { laboratory.close() }
        let directory = try laboratory.run()
        ask(.pause, of: directory)
        let seen = Mutex<[Double]>([])
        let clock = Clock(
            now: Clock.machine.now,
            sleep: { seconds in
                Clock.machine.sleep(seconds)
                guard let status = try? RunStatus.read(from: directory.statusFile) else { return }
                let isNew = seen.withLock { times in
                    if times.last != status.updated { times.append(status.updated) }
                    return times.count
                }
                if isNew == 3 { ask(.kill, of: directory) }
            })
        let trainer = try Trainer(Experiment.load(directory.experimentFile), threads: 1)
        let engine = try Engine(directory, trainer: trainer, pace: .full, isResumed: false, clock: clock)
        #expect(engine.run() == .killed)
        let times = seen.withLock { $0 }
        #expect(times.count >= 3 && zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= 1 && $1 - $0 < 4 })
        #expect(try status(of: directory).state == .stopped)
    }

    @Test func whatTheMachineDoesIsLoggedOnceASecond() throws {
        let laboratory = try Laboratory()
        defer { laboratory.close() }
        let directory = try laboratory.run()
        let script = Script()
        // Twelve steps at four a second are three seconds.
        #expect(try engine(directory, pace: .stepsPerSecond(4), script: script).run() == .finished)
        let log = try log(of: directory)
        for name in ["cpu_percent", "process_cpu_percent", "memory_percent", "process_memory_mib"] {
            let series = try #require(log.scalars["system/" + name], "\(name)")
            let times = series.map(\.wallTime)
            #expect(times.count >= 2 && zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= 1 })
            #expect(series.allSatisfy { $0.value >= 0 && $0.value.isFinite })
        }
        #expect(log.scalars["system/process_memory_mib"]?.last.map { $0.value > 1 } == true)
    }

    @Test func aPaceIsKept() throws {
        let laboratory = try Laboratory()
        defer { laboratory.close() }
        let directory = try laboratory.run()
        let script = Script()
        let start = script.clock.now()
        _ = try engine(directory, pace: .stepsPerSecond(10), script: script).run()
        let seconds = script.clock.now() - start
        // The end of an epoch is no step's time: what follows it is not waited for.
        #expect(seconds > 3.2 && seconds < 3.7)
    }

    @Test func aBatchThatIsNotFinitePausesTheRunAndSparesTheStatistics() throws {
        let laboratory = try Laboratory()
        defer { laboratory.close() }
        let directory = try laboratory.run("optimizer=SGD(lr=1e30)")
        let reason = Mutex("")
        let script = Script([{ ask(.stop, of: directory) }])
        let engine = try engine(directory, script: script)
        engine.observer = { if case .paused(let text) = $0 { reason.withLock { $0 = text } } }
        #expect(engine.run() == .stopped)
        let text = reason.withLock { $0 }
        #expect(text.contains("not finite at step") && text.contains("resume"))
        let losses = try #require(try log(of: directory).scalars["train/loss"])
        #expect(losses.last?.value.isNaN == true)
        let statistics = engine.trainer.network.stateDictionary().filter { $0.name.contains("running") }
        #expect(statistics.count == 2 && statistics.allSatisfy { $0.tensor.floats.allSatisfy(\.isFinite) })
    }

    @Test func aCheckpointThatCannotBeWrittenPausesTheRunAndLosesNothing() throws {
        let laboratory = try Laboratory()
        defer { laboratory.close() }
        let directory = try laboratory.run()
        let folder = directory.checkpointsFolder
        try FileManager.default.removeItem(atPath: folder)
        try "in the way".write(toFile: folder, atomically: true, encoding: .utf8)
        let seen = Mutex<RunStatus?>(nil)
        let script = Script([
            {
                seen.withLock { $0 = (try? RunStatus.read(from: directory.statusFile)) ?? nil }
                unlink(folder)
                mkdir(folder, 0o777)
                ask(.resume, of: directory)
            }
        ])
        #expect(try engine(directory, script: script).run() == .finished)
        let status = try #require(seen.withLock { $0 })
        #expect(status.state == .paused && status.step == 12)
        #expect(status.error?.contains(folder) == true)
        #expect(SavedCheckpoint.list(in: folder).map(\.step) == [24, 36])
    }

    @Test func aStopThatCannotSaveWaitsAndASecondOneEnds() throws {
        let laboratory = try Laboratory()
        defer { laboratory.close() }
        let directory = try laboratory.run()
        let folder = directory.checkpointsFolder
        try FileManager.default.removeItem(atPath: folder)
        try "in the way".write(toFile: folder, atomically: true, encoding: .utf8)
        let signals = Mutex(1)
        let script = Script([{ signals.withLock { $0 += 1 } }])
        let ending = try engine(directory, script: script).run {
            signals.withLock { count in
                defer { count = max(0, count - 1) }
                return count > 0
            }
        }
        #expect(ending == .killed)
        #expect(try status(of: directory).state == .stopped)
    }

    @Test func commandsThatMakeNoSenseAreToldAndPassedOver() throws {
        let laboratory = try Laboratory()
        defer { laboratory.close() }
        let directory = try laboratory.run()
        try "{\"id\": 1, \"command\": \"dance\"}\nnot json\n".write(
            toFile: directory.commandsFile, atomically: true, encoding: .utf8)
        chmod(directory.commandsFile, 0o600)
        #expect(try engine(directory).run() == .finished)
        let words = try String(contentsOfFile: directory.engineLog, encoding: .utf8)
        #expect(words.contains("dance"))
    }

    @Test func aResumedRunContinuesTheLogWithoutAGap() throws {
        let laboratory = try Laboratory()
        defer { laboratory.close() }
        let directory = try laboratory.run()
        #expect(try engine(directory).run() == .finished)
        let first = try #require(try log(of: directory).scalars["train/loss"]).map(\.value)
        let checkpoint = "\(directory.checkpointsFolder)/step-00000012-epoch-0001.pth"
        let resumed = try Engine.make(directory, from: checkpoint)
        #expect(resumed.run() == .finished)
        let second = try #require(try log(of: directory).scalars["train/loss"])
        #expect(second.map(\.step) == Array(1...36))
        #expect(second.map(\.value) == first)
    }

    @Test func oneRunHasOneEngine() throws {
        let laboratory = try Laboratory()
        defer { laboratory.close() }
        let directory = try laboratory.run()
        let lock = try EngineLock(directory)
        #expect(throws: RunsError.self) { try EngineLock(directory) }
        withExtendedLifetime(lock) {}
    }
}
