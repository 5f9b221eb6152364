import Datasets
import Network
import Runs
import Syntax

/// The content of an experiment file: what a run is asked to do, complete and checked as far as that needs no data and no
/// network.
///
/// `model`, `optimizer` and `schedule` stay texts with their places; the modules that know layers read them.
package struct Experiment: Equatable, Sendable {
    /// When checkpoints are written by themselves, and how many of them are kept.
    package struct CheckpointPlan: Equatable, Sendable {
        /// 0 writes none by itself.
        package var everyEpochs: Int
        /// How many of the periodic ones stay; `nil` is all.
        package var keep: Int?

        package init(everyEpochs: Int = 1, keep: Int? = 5) {
            self.everyEpochs = everyEpochs
            self.keep = keep
        }
    }

    package var name: String
    /// The `data` part. Its path is absolute, and empty for made-up images; its channels are always set.
    package var data: DatasetDescription
    package var model: [ModelEntry]
    package var optimizer: SourceText
    /// `nil` is a constant learning rate.
    package var schedule: SourceText?
    /// How much of a label's weight is spread over all classes, as PyTorch's `CrossEntropyLoss(label_smoothing=…)`; 0…1.
    package var labelSmoothing: Double
    /// Gradients longer than this, all parameters together, are shortened to it, as PyTorch's `clip_grad_norm_`; `nil`
    /// leaves them.
    package var clipGradNorm: Double?
    package var convolution: ConvolutionMethod
    package var batchSize: Int
    package var epochs: Int
    package var pace: Pace
    package var seed: UInt64
    package var checkpoint: CheckpointPlan
}
