import Kernels
import Tensors

/// One activation of the network: the values of a feature and the loss's gradient by them, for a whole batch.
///
/// A transient activation is there only for a few images at a time: what a normalization gives to the convolution, pooling or
/// sum right behind it is read at once. Each thread has room for one group of images, which stays in its cache; the way
/// back computes the values again from the normalization's input, which it reads anyway. That takes less time than to
/// write them to memory and to read them back.
final class Activation {
    let layout: ConvolutionInput
    /// The first image's. At the input it is the batch's memory, a different one in each step.
    var values: UnsafeMutablePointer<Float>
    let isTransient: Bool
    private var own: AlignedBuffer<Float>
    /// Images that a thread has room for, of a transient activation.
    private var room = 0
    let gradientLayout: BlockedLayout?
    let gradients: AlignedBuffer<Float>

    /// - Parameters:
    ///   - shared: the memory whose values this feature is another view of.
    ///   - gradients: nil if no gradient is wanted.
    init(
        _ feature: ComputationGraph.Feature, capacity: Int, sharing shared: Activation?,
        gradients: AlignedBuffer<Float>?
    ) {
        let stored = feature.stored
        isTransient = feature.isTransient
        if let shared {
            layout = shared.layout
            own = shared.own
        } else if feature.isPlanar {
            layout = .planar(feature.planes)
            own = AlignedBuffer(count: 0)
        } else {
            let blocks = BlockedLayout(channels: stored.channels, extent: stored.extent, halo: feature.halo)
            layout = .blocked(blocks)
            own = AlignedBuffer(count: feature.isTransient ? 0 : capacity * blocks.imageStride)
        }
        values = own.base
        gradientLayout = gradients.map { _ in feature.gradientLayout }
        self.gradients = gradients ?? AlignedBuffer(count: 0)
    }

    /// The layout of a feature that isn't the network's input.
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

    /// Takes the memory of a transient activation.
    func makeRoom(threads: Int, images: Int) {
        guard isTransient else { return }
        room = images
        own = AlignedBuffer(count: threads * images * imageStride)
        values = own.base
    }

    /// An image of an activation that is there for the whole batch.
    func value(_ image: Int) -> UnsafeMutablePointer<Float> {
        precondition(!isTransient, "a transient activation is asked for with the context that it belongs to")
        return values + image * imageStride
    }

    /// An image of the group that a thread is at.
    func value(_ image: Int, _ context: ShardContext) -> UnsafeMutablePointer<Float> {
        guard isTransient else { return values + image * imageStride }
        assert(image - context.first < room, "the group is larger than its room")
        return values + (context.thread * room + image - context.first) * imageStride
    }

    /// - Precondition: the activation has a gradient.
    func gradient(_ image: Int) -> UnsafeMutablePointer<Float> {
        gradients.base + image * (gradientLayout?.imageStride ?? 0)
    }
}
