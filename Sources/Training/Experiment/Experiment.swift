import Runs
import Syntax

/// What a run is asked to do: the content of an experiment file, complete and checked as far as that needs no data and no
/// network.
///
/// `model`, `optimizer` and `schedule` stay texts with their places; the modules that know layers read them.
package struct Experiment: Equatable, Sendable {
    /// The `data` part. `path` is absolute, and empty for made-up images.
    package struct Source: Equatable, Sendable {
        /// `idx`, `cifar10`, `cifar100` or `synthetic`.
        package var format: String
        package var path: String
        package var pad: Int
        package var channels: Int
        package var shuffle: Bool
        /// Empty if nothing is normalized.
        package var mean: [Float]
        package var std: [Float]
        /// Pixels by which training images are moved at random; 0 leaves them.
        package var crop: Int
        package var flip: Bool
        /// `nil` unless the format is `synthetic`.
        package var synthetic: Synthetic?
        /// Where `data` stands; it makes no difference to equality.
        package var place: SourceLocation

        package static func == (a: Source, b: Source) -> Bool {
            a.format == b.format && a.path == b.path && a.pad == b.pad && a.channels == b.channels
                && a.shuffle == b.shuffle && a.mean == b.mean && a.std == b.std && a.crop == b.crop && a.flip == b.flip
                && a.synthetic == b.synthetic
        }
    }

    /// How many images are made up, of how many classes, `size` pixels a side.
    package struct Synthetic: Equatable, Sendable {
        package var classes: Int
        package var train: Int
        package var test: Int
        package var size: Int
        package var seed: UInt64

        package init(classes: Int = 10, train: Int = 6000, test: Int = 1000, size: Int = 32, seed: UInt64 = 1) {
            self.classes = classes
            self.train = train
            self.test = test
            self.size = size
            self.seed = seed
        }
    }

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

    /// How 3×3 convolutions are computed where there are two ways: with a quarter of the products, whose roundings differ a
    /// little, or as plain sums, which follow PyTorch's numbers more closely.
    package enum ConvolutionMethod: String, CaseIterable, Sendable {
        case fast, direct
    }

    package var name: String
    package var data: Source
    package var model: [ModelEntry]
    package var optimizer: SourceText
    /// `nil` is a constant learning rate.
    package var schedule: SourceText?
    /// How much of a label's weight is spread over all classes, as PyTorch's `CrossEntropyLoss(label_smoothing=…)`; 0…1.
    package var labelSmoothing: Double
    /// Gradients longer than this, all parameters together, are shortened to it, as PyTorch's `clip_grad_norm_`; `nil` leaves them.
    package var clipGradNorm: Double?
    package var convolution: ConvolutionMethod
    package var batchSize: Int
    package var epochs: Int
    package var pace: Pace
    package var seed: UInt64
    package var checkpoint: CheckpointPlan
}
