/// The observed values of a normalization layer: one a channel each, C of them; empty for what is not known.
///
/// Conventions are PyTorch's: r ← (1−momentum)·r + momentum·batch, the running variance unbiased, the batch's biased.
package struct LayerObservation: Sendable {
    /// How running statistics follow the batches'.
    package enum Momentum: Equatable, Sendable {
        case fixed(Double)
        /// `momentum=None`: the mean of all batches so far.
        case cumulative
    }

    /// One batch's own statistics, and the running ones as they were when that batch had entered them.
    package struct Batch: Sendable {
        package let mean: [Float]
        package let variance: [Float]
        package let runningMean: [Float]
        package let runningVariance: [Float]

        package init(mean: [Float], variance: [Float], runningMean: [Float], runningVariance: [Float]) {
            self.mean = mean
            self.variance = variance
            self.runningMean = runningMean
            self.runningVariance = runningVariance
        }
    }

    package var runningMean: [Float] = []
    package var runningVariance: [Float] = []
    package var weight: [Float] = []
    package var bias: [Float] = []
    /// The newest batches, oldest first.
    package var batches: [Batch] = []
    /// The running mean as it was a while ago, to see how far it has moved since.
    package var earlierMean: [Float] = []
    /// Whether the running statistics of the last few records, at different steps, are the same bit for bit.
    package var isStandingStill = false
    /// Whether the log knows how the channels' values are distributed, but not the channels'.
    package var isHistogramsOnly = false
    package var momentum: Momentum?
    package var epsilon = 1e-5
    package var batchesTracked: Int?
    /// The statistics of each process, where several train together and the log has them.
    package var ranks: RankObservation?

    package init() {}

    package var channels: Int {
        max(runningMean.count, runningVariance.count, weight.count, bias.count, batches.last?.mean.count ?? 0)
    }
}
