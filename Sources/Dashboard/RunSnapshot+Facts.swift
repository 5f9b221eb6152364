import EventLog
import Runs

/// What the screen says of a run, derived from what its files hold.
extension RunSnapshot {
    var isTraining: Bool { state.isTraining }

    /// Whether a new engine could go on with the run: it ended, or its engine died, before the last epoch was done.
    var canBeRevived: Bool {
        guard !checkpoints.isEmpty else { return false }
        return state == .lost || state == .known(.stopped) || state == .known(.failed)
    }

    /// The newest step: what the status says, or the log where there is no status.
    var lastStep: Int { max(status?.step ?? 0, Int(clamping: log.lastStep ?? 0)) }
    var stepsPerEpoch: Int? { status.flatMap { $0.stepsPerEpoch > 0 ? $0.stepsPerEpoch : nil } }
    var totalSteps: Int? { stepsPerEpoch.flatMap { steps in status.map { $0.epochs * steps } } }

    var learningRate: Double? { log.scalars[Tag.learningRate]?.last.map { Double($0.value) } }
    var imagesPerSecond: Double? { log.scalars[Tag.throughput]?.last.map { Double($0.value) } }

    /// The newest validation accuracy, 0…1.
    var validationAccuracy: Double? {
        scalars(of: .validationAccuracy).flatMap { series in series.last.map { Double($0.value) * series.fractionScale }
        }
    }

    /// How fast steps come, over the last ten seconds or so of the log.
    var stepsPerSecond: Double? {
        guard let losses = scalars(of: .trainLoss), let last = losses.last, losses.count > 1 else { return nil }
        let first = losses[min(losses.lowerBound(wallTime: last.wallTime - 10), losses.count - 2)]
        guard last.wallTime > first.wallTime else { return nil }
        return Double(last.step - first.step) / (last.wallTime - first.wallTime)
    }

    /// What is wrong with the run, in one line, if anything is.
    var problem: String? {
        if let error = status?.error { return error }
        switch state {
        case .lost:
            let rest =
                checkpoints.last.map { ": :resume goes on from step \($0.step)" }
                ?? " before its first checkpoint: n in Runs starts anew"
            return "engine gone (pid \(status?.engine.pid ?? 0))" + rest
        case .unreadable(let problem): return problem
        default: return nil
        }
    }
}

extension LogSnapshot {
    /// The newest step of any scalar; of whatever there is where there are no scalars.
    var lastStep: Int64? {
        if let step = scalars.series.lazy.compactMap({ $0.last?.step }).max() { return step }
        return (histograms.series.compactMap { $0.last?.step } + tensors.series.compactMap { $0.last?.step }).max()
    }
}

extension RunStatus {
    /// The epoch as people count them, the first one being 1, of how many: `3/30`.
    package var epochText: String? { epochs > 0 ? "\(min(epoch + 1, epochs))/\(epochs)" : nil }
}
