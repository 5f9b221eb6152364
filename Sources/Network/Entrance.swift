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
        if let batch = state.images { fill(images, from: batch) }
    }

    private func fill(_ images: Range<Int>, from batch: UnsafePointer<Float>) {
        for image in images {
            let source = batch + image * imageSize, target = memory.value(image)
            switch memory.layout {
            case .planar(let layout): layout.fill(target, from: source)
            case .blocked: for (index, place) in places.enumerated() { target[place] = source[index] }
            }
        }
    }
}
