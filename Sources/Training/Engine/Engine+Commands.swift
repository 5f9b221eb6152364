import Glibc
import Runs
import Syntax

/// Obeying the command file between two steps.
extension Engine {
    func obeyCommands() {
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

    /// Carries out a command; answers in words what was done.
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
