/// Images and their labels on the way from a data set to a network.
///
/// - `images`: N×C×H×W 32-bit floats, row-major, as PyTorch's data loaders give them. Room for `capacity` images; the
///   first `count` of them are filled.
/// - `labels`: one class index an image.
///
/// A data set fills the same batch again and again, so that nothing is allocated between two steps.
package final class Batch: Sendable {
    package let capacity: Int
    package let channels: Int
    package let height: Int
    package let width: Int
    package let images: AlignedBuffer<Float>
    package let labels: AlignedBuffer<Int32>
    private let filled = AlignedBuffer<Int>(count: 1)

    package init(capacity: Int, channels: Int, height: Int, width: Int) {
        precondition(capacity > 0 && channels > 0 && height > 0 && width > 0, "a batch has at least one pixel")
        self.capacity = capacity
        self.channels = channels
        self.height = height
        self.width = width
        images = AlignedBuffer(count: capacity * channels * height * width)
        labels = AlignedBuffer(count: capacity)
    }

    /// How many images are in it now, 0…capacity: the last batch of an epoch may be smaller than the others.
    package var count: Int {
        get { filled[0] }
        set {
            precondition((0...capacity).contains(newValue), "\(newValue) images in a batch for \(capacity)")
            filled[0] = newValue
        }
    }

    /// Values in one image: C·H·W.
    package var imageSize: Int { channels * height * width }
}
