/// A normalization layer's state for display, one value a channel.
package struct NormalizationState: Equatable, Sendable {
    package let runningMean: [Float]
    package let runningVariance: [Float]
    /// Of the last training step.
    package let batchMean: [Float]
    /// Biased, as the last training step normalized with it.
    package let batchVariance: [Float]
    /// γ and β, nil without affine.
    package let weight: [Float]?
    package let bias: [Float]?
    package let numBatchesTracked: Int64
    /// nil is the cumulative average.
    package let momentum: Double?
    package let epsilon: Double
    /// Without it the running statistics are what they began with, and evaluation uses the batch's own.
    package let tracksStatistics: Bool

    package init(
        runningMean: [Float], runningVariance: [Float], batchMean: [Float], batchVariance: [Float], weight: [Float]?,
        bias: [Float]?, numBatchesTracked: Int64, momentum: Double? = 0.1, epsilon: Double = 1e-5,
        tracksStatistics: Bool = true
    ) {
        self.runningMean = runningMean
        self.runningVariance = runningVariance
        self.batchMean = batchMean
        self.batchVariance = batchVariance
        self.weight = weight
        self.bias = bias
        self.numBatchesTracked = numBatchesTracked
        self.momentum = momentum
        self.epsilon = epsilon
        self.tracksStatistics = tracksStatistics
    }
}
