import Charts

/// Results of an evaluation: loss and accuracy in evaluation mode and with batch statistics.
package struct EvaluationSummary: Equatable, Sendable {
    package let running: (loss: Double, accuracy: Double)
    package let batch: (loss: Double, accuracy: Double)

    package init(running: (loss: Double, accuracy: Double), batch: (loss: Double, accuracy: Double)) {
        self.running = running
        self.batch = batch
    }

    /// Both accuracies in one line.
    package var words: String {
        let percent = [running, batch].map { NumberFormat.fixed($0.accuracy * 100, decimals: 2) + "%" }
        return "\(percent[0]) in evaluation mode, \(percent[1]) with batch statistics"
    }

    package static func == (one: EvaluationSummary, other: EvaluationSummary) -> Bool {
        one.running == other.running && one.batch == other.batch
    }
}
