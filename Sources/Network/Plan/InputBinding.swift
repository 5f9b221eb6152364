import Tensors

/// The connection between a batch's images and the network's first activation: a convolution on planes reads them where they
/// are, for all other operations they are rearranged into blocks of channels.
final class InputBinding {
    /// The layout that a batch's images must have.
    let layout: PlanarLayout
    private let memory: Activation
    /// The place in a blocked memory of each value of an image.
    private let places: [Int]

    init(_ memory: Activation, image: ImageShape) {
        self.memory = memory
        switch memory.layout {
        case .planar(let layout):
            self.layout = layout
            places = []
        case .blocked(let blocks):
            layout = PlanarLayout(
                channels: image.channels, extent: Extent(1, image.height, image.width), halo: .zero)
            places = (0..<layout.imageSize).map { blocks.offset(ofContiguous: $0) }
        }
    }

    /// Whether images have to be rearranged.
    var isCopying: Bool { !places.isEmpty }

    /// Before a step: makes the batch's images the first feature where they can be.
    func open(_ batch: Batch) {
        guard case .planar = memory.layout else { return }
        memory.values = batch.images.base
    }

    func fill(_ images: Range<Int>, from state: StepState) {
        guard let batch = state.images else { return }
        for image in images {
            let source = batch + image * layout.imageStride, target = memory.value(image)
            for (index, place) in places.enumerated() { target[place] = source[index] }
        }
    }
}
