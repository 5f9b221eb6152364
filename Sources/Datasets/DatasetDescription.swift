/// What an experiment says about its data.
///
/// The order of what happens to an image is torchvision's `Pad`, `Grayscale(num_output_channels)` , `ToTensor`, `Normalize`: zeros are
/// put around the raw image, a grey image is repeated over the channels, a byte becomes `byte / 255`, and then
/// `(value − mean) / std`, each in 32-bit floats. So with `normalize`, the border is `−mean / std`, as black is.
package struct DatasetDescription: Equatable, Sendable {
    package enum Format: String, CaseIterable, Sendable {
        /// MNIST's format (`train-images-idx3-ubyte`, …), gzipped or not.
        case idx
    }

    package var format: Format
    /// The folder of the data set, absolute or relative to the current folder.
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

    package init(
        format: Format = .idx, path: String, pad: Int = 0, channels: Int? = nil, shuffle: Bool = true,
        mean: [Float] = [], std: [Float] = []
    ) {
        self.format = format
        self.path = path
        self.pad = pad
        self.channels = channels
        self.shuffle = shuffle
        self.mean = mean
        self.std = std
    }
}
