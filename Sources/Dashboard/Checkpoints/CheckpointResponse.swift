import Checkpoints

/// The answer to a request.
package enum CheckpointResponse: Sendable {
    case listed(folder: String, [CheckpointEntry])
    case opened(CheckpointTable)
    case examined(path: String, TensorPicture)
    case channels(path: String, LayerChannels)
    case compared(first: String, second: String, CheckpointComparison)
    case evaluated(path: String, EvaluationSummary)
    /// The progress of a piece of work, in words; nil when it is over.
    case working(String?)
    /// A file could not be read.
    case failed(path: String, String)
    /// A file that was opened is no longer there.
    case vanished(path: String)
    case done(String)
    case refused(String)
}
