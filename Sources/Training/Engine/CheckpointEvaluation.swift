import Runs

/// The evaluation of a checkpoint's network on an experiment's validation images, in both of a normalization layer's
/// modes. Where the two differ much, the running statistics are not those of the data.
package struct CheckpointEvaluation: Equatable, Sendable {
    /// With the running statistics, as PyTorch's `eval()`.
    package let running: Validation
    /// With each batch's own statistics, as PyTorch's `train()`; nothing is changed by it.
    package let batch: Validation
    /// Images a batch; the last one may have fewer.
    package let batchSize: Int

    /// - Parameters:
    ///   - path: any file that holds the network's parameters.
    ///   - progress: told after every batch how much is done, 0…1; what it throws ends the evaluation.
    package init(
        of path: String, on experiment: Experiment, threads: Int = Engine.coreCount,
        progress: (Double) throws -> Void = { _ in }
    ) throws {
        let trainer = try Trainer(experiment, threads: threads)
        try trainer.takeNetwork(from: path)
        let total = 2 * Double(max(trainer.validationCount, 1))
        running = try trainer.validate { try progress(Double($0) / total) }
        batch = try trainer.validate(statistics: .batch) { try progress(0.5 + Double($0) / total) }
        batchSize = experiment.batchSize
    }
}
