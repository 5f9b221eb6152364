import Tensors

/// One trained tensor: its PyTorch name and shape, and the places of its values in the flat arrays that kernels and the
/// optimizer work on.
///
/// `places[i]` is the place of element i (PyTorch's contiguous order) from `offset`. Places that no element has are
/// padding; they hold zero, their gradient is zero, and every optimizer leaves them at zero.
final class Parameter {
    let name: String
    let shape: [Int]
    let places: [Int32]
    /// Floats taken, a multiple of sixteen.
    let extent: Int
    let offset: Int

    init(name: String, shape: [Int], places: [Int32], extent: Int, offset: Int) {
        self.name = name
        self.shape = shape
        self.places = places
        self.extent = extent
        self.offset = offset
    }

    var range: Range<Int> { offset..<(offset + extent) }

    func read(_ values: AlignedBuffer<Float>) -> NamedTensor {
        NamedTensor(name, DenseTensor(shape: shape, places.map { values[offset + Int($0)] }))
    }

    func write(_ elements: [Float], to values: AlignedBuffer<Float>) {
        for (place, element) in zip(places, elements) { values[offset + Int(place)] = element }
    }
}
