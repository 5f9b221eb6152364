/// A batch of images and their labels, which a data set fills and a network reads.
///
/// - `images`: N images of 32-bit floats, each laid out as `layout` says: where a network has given it, with the halo of
///   zeros that its first convolution reads, so that nothing is copied between data set and network. Room for `capacity`
///   images; the first `count` of them are filled.
/// - `labels`: one class index an image.
///
/// A data set fills the same batch again and again, so that nothing is allocated between two steps.
package final class Batch: Sendable {
    package let capacity: Int
    package let layout: PlanarLayout
    package let images: AlignedBuffer<Float>
    package let labels: AlignedBuffer<Int32>
    private let filled = AlignedBuffer<Int>(count: 1)

    package init(capacity: Int, layout: PlanarLayout) {
        precondition(capacity > 0 && layout.imageSize > 0, "a batch has at least one pixel")
        self.capacity = capacity
        self.layout = layout
        images = AlignedBuffer(count: capacity * layout.imageStride)
        labels = AlignedBuffer(count: capacity)
    }

    /// The number of images in it now, 0…capacity: the last batch of an epoch may be smaller than the others.
    package var count: Int {
        get { filled[0] }
        set {
            precondition((0...capacity).contains(newValue), "\(newValue) images in a batch for \(capacity)")
            filled[0] = newValue
        }
    }

    /// A value of an image, by its place in PyTorch's contiguous C×H×W order.
    package subscript(image: Int, index: Int) -> Float {
        get { images[place(image, index)] }
        set { images[place(image, index)] = newValue }
    }

    private func place(_ image: Int, _ index: Int) -> Int {
        precondition((0..<layout.imageSize).contains(index), "value \(index) of an image of \(layout.imageSize)")
        return image * layout.imageStride + layout.offset(ofContiguous: index)
    }
}
