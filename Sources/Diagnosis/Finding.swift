/// A finding about a normalization layer that a person should know: what it is, in which channels, and what to do.
package struct Finding: Equatable, Sendable {
    package enum Severity: Int, Comparable, Sendable {
        /// Worth knowing, and often intended.
        case note
        /// Training and evaluation will differ, or channels are wasted.
        case warning
        /// Something is broken.
        case fault

        package static func < (one: Severity, other: Severity) -> Bool { one.rawValue < other.rawValue }
    }

    package enum Kind: Equatable, Sendable {
        /// `quantity` as PyTorch names it: `running_var`.
        case nonFinite(quantity: String)
        case negativeVariance
        /// Running statistics of 0 and 1, as a new layer has them.
        case untouched
        /// The share of the running statistics that is still their initial 0 and 1.
        case warmingUp(share: Double, batches: Int, needed: Int)
        case standingStill
        /// `largest` in units of σ, at the channel `worst`.
        case meanGap(largest: Double, worst: Int, of: Int)
        /// `largest` as a ratio of variances: the batches' to the running one.
        case varianceGap(ratio: Double, worst: Int, of: Int)
        /// Single batches' means scatter by so many σ, in the median channel.
        case scatter(Double)
        case drift(largest: Double, worst: Int)
        /// Processes that train together have statistics of their own.
        case ranksDisagree(RankGap)
        case dead
        /// γ is 0 everywhere.
        case allZero
        case constantInput
        /// β is so far below 0 that a ReLU behind the layer passes next to nothing.
        case silent
        case noRunningStatistics
        case noBatchStatistics
        case histogramsOnly
    }

    package let kind: Kind
    /// Ascending; empty where it is about the layer as a whole.
    package let channels: [Int]
    /// How running statistics follow, for the advice.
    let momentum: LayerObservation.Momentum?

    package init(_ kind: Kind, channels: [Int] = [], momentum: LayerObservation.Momentum? = nil) {
        self.kind = kind
        self.channels = channels
        self.momentum = momentum
    }

    package var severity: Severity {
        switch kind {
        case .nonFinite, .negativeVariance: .fault
        case .untouched, .standingStill, .meanGap, .varianceGap, .scatter, .ranksDisagree, .dead, .constantInput:
            .warning
        case .warmingUp, .drift, .allZero, .silent, .noRunningStatistics, .noBatchStatistics,
            .histogramsOnly:
            .note
        }
    }

    /// What a finding is called in scripts, in lists of causes and in documentation.
    package var identifier: String {
        switch kind {
        case .nonFinite: "non-finite"
        case .negativeVariance: "negative-variance"
        case .untouched: "untouched"
        case .warmingUp: "momentum-too-small"
        case .standingStill: "frozen"
        case .meanGap, .varianceGap: "statistics-lag"
        case .scatter: "noisy-batches"
        case .drift: "moving-statistics"
        case .ranksDisagree: "ranks-disagree"
        case .dead: "dead-channels"
        case .allZero: "zero-weight"
        case .constantInput: "constant-input"
        case .silent: "silent-channels"
        case .noRunningStatistics: "no-running-statistics"
        case .noBatchStatistics: "no-batch-statistics"
        case .histogramsOnly: "histograms-only"
        }
    }
}
