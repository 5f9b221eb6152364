import Glibc

/// A finding in the field's words: what is seen, what it means, what to do.
extension Finding {
    /// What is seen, in one line.
    package var summary: String {
        switch kind {
        case .nonFinite(let quantity): "\(quantity) is not finite in \(channelList)"
        case .negativeVariance: "running_var is negative in \(channelList)"
        case .untouched: "running statistics are still 0 and 1"
        case .warmingUp(let share, _, _): "\(percent(share)) of the running statistics are still their initial 0 and 1"
        case .standingStill: "running statistics stand still"
        case .meanGap(let largest, let worst, let all):
            "running mean is off the batches' by up to \(sigmas(largest)) (channel \(worst)); "
                + "\(channels.count) of \(all) channels beyond \(sigmas(Diagnosis.meanLimit))"
        case .varianceGap(let ratio, let worst, let all):
            "running variance \(ratio >= 1 ? "lags below" : "is above") the batches' by up to "
                + "×\(rounded(ratio >= 1 ? ratio : 1 / ratio)) (channel \(worst)); \(channels.count) of \(all) channels"
        case .scatter(let deviation): "single batches' means scatter by \(sigmas(deviation))"
        case .drift(let largest, let worst):
            "running mean moved by up to \(sigmas(largest)) lately (channel \(worst))"
        case .ranksDisagree(let gap): summary(of: gap)
        case .dead: "\(counted(channels.count, "dead channel")) (γ≈0): \(numbers)"
        case .allZero: "γ is 0 in all channels"
        case .constantInput: "constant input (variance below ε) in \(channelList)"
        case .silent: "β is more than 3|γ| below 0 in \(channelList)"
        case .noRunningStatistics: "no running statistics in this log"
        case .noBatchStatistics: "no batch statistics in this log"
        case .histogramsOnly: "only histograms of this layer are in the log"
        }
    }

    /// What follows from it, and what helps.
    package var advice: String {
        switch kind {
        case .nonFinite(let quantity) where quantity.hasPrefix("running"):
            "evaluation gives NaN there, and it stays: r ← (1−m)·r + m·batch; "
                + "go back to a checkpoint from before, lower the learning rate"
        case .nonFinite: "go back to a checkpoint from before; lower the learning rate or clip gradients"
        case .negativeVariance: "no variance is: look at what was logged or loaded"
        case .untouched: "no batch went through in train() mode: evaluation does not normalize yet"
        case .warmingUp(_, let batches, let needed):
            "\(counted(batches, "batch", "batches")) tracked; evaluation is meaningful after about \(needed)"
        case .standingStill:
            "frozen, or in eval() mode: only batches in train() mode update them; intended when fine-tuning"
        case .meanGap, .varianceGap: gapAdvice
        case .scatter:
            "a batch is a poor sample here: larger or better shuffled batches, or GroupNorm; "
                + "a smaller momentum steadies evaluation"
        case .drift: "the features still move: evaluate later, or lower the learning rate"
        case .ranksDisagree:
            "torch.nn.SyncBatchNorm.convert_sync_batchnorm(model) before wrapping; or average the buffers before "
                + "evaluating"
        case .dead: "they give β alone: weight decay on γ or a large learning rate does that; they can be pruned"
        case .allZero: "the layer gives β alone; a residual branch initialised with γ=0 begins so"
        case .constantInput: "√(σ²+ε) is mostly √ε, and noise is amplified: look for dead filters before the layer"
        case .silent: "a ReLU behind passes less than 0.2% of their values"
        case .noRunningStatistics:
            "log running_mean and running_var too; with track_running_stats=False there are none"
        case .noBatchStatistics:
            "the gap between training and evaluation needs batch_mean and batch_var: see README, Runs that something "
                + "else logs"
        case .histogramsOnly:
            "vectors tell channel from channel: add_tensor(\"batchnorm/LAYER/running_mean\", …), see README"
        }
    }

    private func summary(of gap: RankGap) -> String {
        let isVariance = gap.quantity == .runningVariance || gap.quantity == .batchVariance
        let ratio = exp(abs(gap.deviation))
        let distance = isVariance ? "×\(rounded(ratio))" : sigmas(gap.deviation)
        let what =
            switch gap.quantity {
            case .runningMean: "running mean"
            case .runningVariance: "running variance"
            case .batchMean: "batches' mean"
            case .batchVariance: "batches' variance"
            }
        return "\(gap.ranks) ranks disagree: rank \(gap.rank)'s \(what) is off rank 0's by \(distance) "
            + "(channel \(gap.channel)); \(counted(gap.channels.count, "channel"))"
    }

    private var gapAdvice: String {
        var effect = "evaluation will disagree with training"
        if case .varianceGap(let ratio, _, _) = kind {
            let factor = rounded((ratio >= 1 ? ratio : 1 / ratio).squareRoot())
            effect = "evaluation's outputs are up to ×\(factor) \(ratio >= 1 ? "larger" : "smaller") than training's"
        }
        switch momentum {
        case .cumulative: return effect + "; momentum=None averages over all batches: a number forgets the early ones"
        case .fixed(let momentum) where momentum < 0.1:
            return effect + "; momentum \(momentum) follows slowly: raise it, or train on at a lower rate"
        default: return effect + "; train on at a lower learning rate, or raise momentum"
        }
    }

    /// `channel 3`, `channels 3, 7`, `channels 3, 7, 9, 12 and 30 more`.
    private var channelList: String { (channels.count == 1 ? "channel " : "channels ") + numbers }

    private var numbers: String {
        let shown = channels.prefix(4).map(String.init).joined(separator: ", ")
        return channels.count > 4 ? "\(shown) and \(channels.count - 4) more" : shown
    }

    private func counted(_ count: Int, _ one: String, _ many: String? = nil) -> String {
        "\(count) " + (count == 1 ? one : many ?? one + "s")
    }

    private func percent(_ share: Double) -> String { "\(Int((share * 100).rounded()))%" }
    private func sigmas(_ value: Double) -> String { rounded(abs(value)) + "σ" }

    /// Two or three significant digits, without an exponent where that is readable.
    private func rounded(_ value: Double) -> String {
        guard value.isFinite, value < 1e6 else { return "\(value)" }
        if value >= 10 { return "\(Int(value.rounded()))" }
        let scale = value < 0.095 ? 1000.0 : value < 1 ? 100 : 10
        return "\((value * scale).rounded() / scale)"
    }
}
