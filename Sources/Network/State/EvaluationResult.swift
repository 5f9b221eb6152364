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

/// The statistics that an evaluation normalizes with.
package enum EvaluationStatistics: Sendable {
    /// The running statistics, as PyTorch's eval().
    case running
    /// The batch's own, as PyTorch's train(), without changing the running statistics.
    case batch
}
