/// A description of a data set and of what is done to its images: the `data` part of an experiment.
///
/// The order of what happens to an image is torchvision's `Pad(pad)`, `Grayscale(channels)`, in training
/// `RandomCrop(size, padding=crop)` and `RandomHorizontalFlip()`, then `ToTensor`, `Normalize`: zeros are put around
/// the raw image, a grey image is repeated over the channels, a byte becomes `byte / 255`, and then `(value − mean) /
/// std`, each in 32-bit floats. So with `normalize`, the border is `−mean / std`, as black is.
package struct DatasetDescription: Equatable, Sendable {
    package enum Format: String, CaseIterable, Sendable {
        /// MNIST's format (`train-images-idx3-ubyte`, …), gzipped or not.
        case idx
        /// CIFAR's binary version (`data_batch_1.bin`, …; `train.bin`), gzipped or not.
        case cifar10, cifar100
        /// Images that are made up, to try things out without files.
        case synthetic
    }

    package var format: Format
    /// The folder of the data set, absolute or relative to the current folder; not used for made-up images.
    package var path: String
    /// Rows and columns of zeros on each of the four sides.
    package var pad: Int
    /// Channels that come out; `nil` is as many as the images have.
    package var channels: Int?
    /// Whether each epoch of training has an order of its own; `false` keeps the order of the files.
    package var shuffle: Bool
    /// One value a channel, or one for all of them; empty is no normalization.
    package var mean: [Float]
    package var std: [Float]
    /// Training images are moved by up to so many pixels in each direction, zeros coming in at the border.
    package var crop: Int
    /// Every other training image is mirrored left to right.
    package var flip: Bool
    package var synthetic: SyntheticImages

    package init(
        format: Format = .idx, path: String = "", pad: Int = 0, channels: Int? = nil, shuffle: Bool = true,
        mean: [Float] = [], std: [Float] = [], crop: Int = 0, flip: Bool = false,
        synthetic: SyntheticImages = SyntheticImages()
    ) {
        self.format = format
        self.path = path
        self.pad = pad
        self.channels = channels
        self.shuffle = shuffle
        self.mean = mean
        self.std = std
        self.crop = crop
        self.flip = flip
        self.synthetic = synthetic
    }
}
