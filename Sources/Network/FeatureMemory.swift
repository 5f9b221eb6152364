import Kernels
import Tensors
import Threads

/// The memory of one feature: its values and the loss's gradient by them, for a whole batch.
///
/// A passing feature is there only for a few images at a time: what a normalization gives to the convolution, pooling or
/// sum right behind it is read at once. Each thread has room for one group of images, which stays in its cache; the way
/// back computes the values again from the normalization's input, which it reads anyway. That takes less time than to
/// write them to memory and to read them back.
final class FeatureMemory {
    let layout: ConvolutionInput
    /// The first image's. At the entrance it is the batch's memory, a different one in each step.
    var values: UnsafeMutablePointer<Float>
    let isPassing: Bool
    private var own: AlignedBuffer<Float>
    /// Images that a thread has room for, of a passing feature.
    private var room = 0
    let gradientLayout: BlockedLayout?
    let gradients: AlignedBuffer<Float>

    /// - Parameters:
    ///   - shared: the memory whose values this feature is another view of.
    ///   - gradients: nil if no gradient is wanted.
    init(
        _ feature: Blueprint.Feature, capacity: Int, sharing shared: FeatureMemory?, gradients: AlignedBuffer<Float>?
    ) {
        let stored = feature.stored
        isPassing = feature.isPassing
        if let shared {
            layout = shared.layout
            own = shared.own
        } else if feature.isPlanar {
            layout = .planar(feature.planes)
            own = AlignedBuffer(count: 0)
        } else {
            let blocks = BlockedLayout(channels: stored.channels, extent: stored.extent, halo: feature.halo)
            layout = .blocked(blocks)
            own = AlignedBuffer(count: feature.isPassing ? 0 : capacity * blocks.imageStride)
        }
        values = own.base
        gradientLayout = gradients.map { _ in feature.gradientLayout }
        self.gradients = gradients ?? AlignedBuffer(count: 0)
    }

    /// The layout of a feature that isn't the network's entrance.
    var blocked: BlockedLayout {
        guard case .blocked(let layout) = layout else { preconditionFailure("planes have no blocks") }
        return layout
    }

    var imageStride: Int {
        switch layout {
        case .planar(let layout): layout.imageStride
        case .blocked(let layout): layout.imageStride
        }
    }

    /// Takes the memory of a passing feature.
    func makeRoom(threads: Int, images: Int) {
        guard isPassing else { return }
        room = images
        own = AlignedBuffer(count: threads * images * imageStride)
        values = own.base
    }

    /// An image of a feature that is there for the whole batch.
    func value(_ image: Int) -> UnsafeMutablePointer<Float> {
        precondition(!isPassing, "a passing feature is asked for by who works on it")
        return values + image * imageStride
    }

    /// An image of the group that a worker has.
    func value(_ image: Int, _ worker: Worker) -> UnsafeMutablePointer<Float> {
        guard isPassing else { return values + image * imageStride }
        assert(image - worker.first < room, "the group is larger than its room")
        return values + (worker.thread * room + image - worker.first) * imageStride
    }

    /// - Precondition: the feature has a gradient.
    func gradient(_ image: Int) -> UnsafeMutablePointer<Float> {
        gradients.base + image * (gradientLayout?.imageStride ?? 0)
    }
}
