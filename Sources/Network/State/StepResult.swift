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
