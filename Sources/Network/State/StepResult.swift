/// The result of one training step.
package struct StepResult: Equatable, Sendable {
    /// The mean over the batch.
    package let loss: Double
    package let correct: Int
    package let count: Int
    /// Where something was not a number or infinite; nothing was changed then.
    package let nonFinite: NonFinite?

    package init(loss: Double, correct: Int, count: Int, nonFinite: NonFinite?) {
        self.loss = loss
        self.correct = correct
        self.count = count
        self.nonFinite = nonFinite
    }
}

/// The result of an evaluation of one batch.
package struct EvaluationResult: Equatable, Sendable {
    /// Summed over the images, so that batches of different sizes add up.
    package let lossSum: Double
    package let correct: Int
    package let count: Int

    package init(lossSum: Double, correct: Int, count: Int) {
        self.lossSum = lossSum
        self.correct = correct
        self.count = count
    }
}

/// The place where a step met NaN or ±infinity: the first one in the order of the network.
package struct NonFinite: Equatable, Sendable, CustomStringConvertible {
    package enum Quantity: String, Sendable {
        case loss
        case batchMean = "batch mean"
        case batchVariance = "batch variance"
        case gradient
    }

    /// The layer's or parameter's name, or "loss".
    package let layer: String
    package let quantity: Quantity
    package let channel: Int?

    package init(layer: String, quantity: Quantity, channel: Int?) {
        self.layer = layer
        self.quantity = quantity
        self.channel = channel
    }

    package var description: String {
        if quantity == .loss { return "the loss is not finite" }
        let place = channel.map { " of channel \($0)" } ?? ""
        return "the \(quantity.rawValue)\(place) of \(layer) is not finite"
    }
}

/// The statistics that an evaluation normalizes with.
package enum EvaluationStatistics: Sendable {
    /// The running statistics, as PyTorch's eval().
    case running
    /// The batch's own, as PyTorch's train(), without changing the running statistics.
    case batch
}

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
