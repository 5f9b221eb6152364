import EventLog
import Runs

/// Facts about a run, derived from its files.
extension RunSnapshot {
    var isTraining: Bool { state.isTraining }

    /// Whether a new engine can continue the run: it ended, or its engine died, before the last epoch was done.
    var canBeResumed: Bool {
        guard !checkpoints.isEmpty, status?.isOurs != false else { return false }
        return hasEnded
    }

    /// Whether another program trains the run; the network and the images are known to that program only.
    var isForeign: Bool { status?.isOurs == false }

    /// How to continue a run that another program trained; nil for one that is still training, or of our engine.
    var foreignResume: String? { isTraining ? nil : status?.foreignResume }

    private var hasEnded: Bool {
        state == .lost || state == .known(.stopped) || state == .known(.failed)
    }

    /// The newest step: what the status says, or the log where there is no status.
    var lastStep: Int { max(status?.step ?? 0, Int(clamping: log.lastStep ?? 0)) }
    var stepsPerEpoch: Int? { status.flatMap { $0.stepsPerEpoch > 0 ? $0.stepsPerEpoch : nil } }
    var totalSteps: Int? {
        guard let status, status.epochs > 0 else { return nil }
        return stepsPerEpoch.map { status.epochs * $0 }
    }

    /// The reason why the engine can't do something, in one line; nil where it can, or where that is unknown.
    func refusal(of ability: EngineAbility) -> String? { status?.refusal(of: ability) }

    /// Seconds since the last step while the engine reports to be running; nil while steps come regularly.
    var secondsWithoutStep: Double? {
        // Both times are by the engine's clock.
        guard state.isRunning, let status, let stepped = status.stepped else { return nil }
        let seconds = status.updated - stepped
        return seconds > Self.longestStep ? seconds : nil
    }

    private static let longestStep = 10.0

    /// The rate in force. It is logged as a 32-bit float; its shortest decimal form is what somebody wrote (0.0002, and not
    /// 0.00019999999494757503), so a factor of it is exact.
    var learningRate: Double? { log.scalars[Tag.learningRate]?.last.flatMap { Double($0.value.description) } }
    var imagesPerSecond: Double? { log.scalars[Tag.imagesPerSecond]?.last.map { Double($0.value) } }

    /// The newest validation accuracy, 0…1.
    var validationAccuracy: Double? {
        scalars(of: .validationAccuracy).flatMap { series in series.last.map { Double($0.value) * series.fractionScale }
        }
    }

    /// The tag of the scalar that the Overview shows where the log has no accuracy.
    var insteadOfAccuracy: String? {
        guard roles[.trainAccuracy] == nil, roles[.validationAccuracy] == nil else { return nil }
        // Of several models each has its own: train/grad_norm/netD.
        return log.scalars.tags.filter { $0 == Tag.gradientNorm || $0.hasPrefix(Tag.gradientNorm + "/") }.min()
    }

    /// Steps a second, over the last ten seconds or so of the log.
    var stepsPerSecond: Double? {
        if let logged = log.scalars[Tag.stepsPerSecond]?.last { return Double(logged.value) }
        guard let losses = scalars(of: .trainLoss), let last = losses.last, losses.count > 1 else { return nil }
        let first = losses[min(losses.lowerBound(wallTime: last.wallTime - 10), losses.count - 2)]
        guard last.wallTime > first.wallTime else { return nil }
        return Double(last.step - first.step) / (last.wallTime - first.wallTime)
    }

    /// The run's problem in one line; nil for none.
    var problem: String? {
        if let error = status?.error { return error }
        switch state {
        case .lost:
            return lossWords
        case .unreadable(let problem): return problem
        default: return nil
        }
    }

    private var lossWords: String {
        let pid = "gone (pid \(status?.engine.pid ?? 0))"
        if let status, !status.isOurs {
            let way = checkpoints.last.map { ": its script goes on from step \($0.step) with resume=\"auto\"" }
            return "\(status.programWord) process \(pid)" + (way ?? "")
        }
        let way = checkpoints.last.map { ": :resume goes on from step \($0.step)" }
        return "engine \(pid)" + (way ?? " before its first checkpoint: n in Runs starts anew")
    }
}

extension LogSnapshot {
    /// The newest step of any scalar, or of any other series where there are no scalars.
    var lastStep: Int64? {
        if let step = scalars.series.lazy.compactMap({ $0.last?.step }).max() { return step }
        return (histograms.series.compactMap { $0.last?.step } + tensors.series.compactMap { $0.last?.step }).max()
    }
}

extension RunStatus {
    /// The epoch, counted from 1, and the number of epochs: `3/30`; `3` where that is unknown.
    package var epochText: String? {
        if epochs > 0 { return "\(min(epoch + 1, epochs))/\(epochs)" }
        guard epoch > 0 || stepsPerEpoch > 0 else { return nil }
        return "\(state == .finished ? max(1, epoch) : epoch + 1)"
    }
}
