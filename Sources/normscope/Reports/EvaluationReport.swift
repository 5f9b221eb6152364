import ArgumentParser
import Charts
import Training

/// The report of an evaluation.
struct EvaluationReport {
    /// The JSON document.
    struct Document: Encodable {
        struct Result: Encodable {
            let loss: Double?
            let accuracy: Double
            let correct: Int

            init(_ validation: Validation) {
                loss = validation.loss.isFinite ? validation.loss : nil
                accuracy = validation.accuracy
                correct = validation.correct
            }
        }

        let checkpoint: String
        let experiment: String
        /// Whether the experiment was assumed.
        let experimentIsAssumed: Bool
        let images: Int
        let batchSize: Int
        let evaluationMode: Result
        let batchStatistics: Result
    }

    let checkpoint: String
    let experiment: String
    let isAssumed: Bool
    let evaluation: CheckpointEvaluation

    var document: Document {
        Document(
            checkpoint: checkpoint, experiment: experiment, experimentIsAssumed: isAssumed,
            images: evaluation.running.count,
            batchSize: evaluation.batchSize, evaluationMode: .init(evaluation.running),
            batchStatistics: .init(evaluation.batch))
    }

    func show() {
        print("\(checkpoint.onOneLine): \(evaluation.running.count) validation images of \(experiment.onOneLine)\n")
        TextTable.print(
            ["", "loss", "accuracy", "correct"],
            [
                row("evaluation mode (running statistics)", evaluation.running),
                row("batch statistics (batches of \(evaluation.batchSize))", evaluation.batch),
            ])
    }

    private func row(_ mode: String, _ result: Validation) -> [String] {
        [
            mode, NumberFormat.compact(result.loss), NumberFormat.fixed(result.accuracy, decimals: 4),
            "\(result.correct) of \(result.count)",
        ]
    }
}
