import Tensors

/// Brings a batch's images (N×C×H×W) into the layout that the first layer reads.
final class Entrance {
    private let memory: FeatureMemory
    private let imageSize: Int
    /// For blocked entrances: the place of each value of an image.
    private let places: [Int]

    init(_ memory: FeatureMemory, shape: FeatureShape) {
        self.memory = memory
        imageSize = shape.count
        if case .blocked(let layout) = memory.layout {
            places = (0..<shape.count).map { layout.offset(ofContiguous: $0) }
        } else {
            places = []
        }
    }

    func fill(_ images: Range<Int>, from state: StepState) {
        guard let batch = state.images else { return }
        for image in images {
            let source = batch + image * imageSize, target = memory.value(image)
            switch memory.layout {
            case .planar(let layout): layout.fill(target, rows: 0..<layout.extent.height, from: source)
            case .blocked: for (index, place) in places.enumerated() { target[place] = source[index] }
            }
        }
    }

    /// Some rows of all images, for plans that divide planar images by row.
    func fill(rows: Range<Int>, from state: StepState) {
        guard let batch = state.images, case .planar(let layout) = memory.layout else { return }
        for image in 0..<state.count {
            layout.fill(memory.value(image), rows: rows, from: batch + image * imageSize)
        }
    }
}
