import EventLog
import Runs

/// A checkpoint in the list.
package struct CheckpointEntry: Equatable, Sendable {
    package let path: String
    /// The name in the list: a path relative to the browsed folder.
    package let name: String
    package let step: Int?
    package let bytes: Int
    /// Seconds since 1970.
    package let modified: Double
    /// The validation loss that the run's log has for this step.
    package let loss: Double?
    package let accuracy: Double?

    package init(
        path: String, name: String, step: Int? = nil, bytes: Int, modified: Double, loss: Double? = nil,
        accuracy: Double? = nil
    ) {
        self.path = path
        self.name = name
        self.step = step
        self.bytes = bytes
        self.modified = modified
        self.loss = loss
        self.accuracy = accuracy
    }
}

extension RunSnapshot {
    /// The run's checkpoints, newest first, each with what the log says of its step.
    var checkpointEntries: [CheckpointEntry] {
        let (loss, accuracy) = (scalars(of: .validationLoss), scalars(of: .validationAccuracy))
        return checkpoints.reversed().map { checkpoint in
            CheckpointEntry(
                path: checkpoint.path, name: checkpoint.name, step: checkpoint.step, bytes: checkpoint.bytes,
                modified: checkpoint.modified, loss: loss?.value(at: checkpoint.step),
                accuracy: accuracy.flatMap { series in
                    series.value(at: checkpoint.step).map { $0 * series.fractionScale }
                })
        }
    }
}

extension ScalarSeries {
    /// The last value logged at a step.
    fileprivate func value(at step: Int) -> Double? {
        let index = isEmpty ? -1 : lowerBound(step: Int64(step) + 1) - 1
        guard index >= 0, self[index].step == Int64(step) else { return nil }
        return Double(self[index].value)
    }
}
