import Kernels
import Tensors

/// Winograd's algorithm for one convolution, forward and backward, with the memory it needs.
final class FastConvolution {
    /// The kernels forward and for the gradient of the input.
    private struct Kernels {
        let forward: WinogradConvolution
        let gradient: WinogradConvolution?

        init(
            _ from: BlockedLayout, _ outputGradient: BlockedLayout, _ input: Activation, _ output: Activation,
            weightTransform: WinogradConvolution.WeightTransform
        ) {
            forward = WinogradConvolution(input: from, output: output.blocked, weightTransform: weightTransform)
            gradient = input.gradientLayout.map {
                WinogradConvolution(input: outputGradient, output: $0, weightTransform: weightTransform)
            }
        }

        var scratchCount: Int { max(forward.scratchCount, gradient?.scratchCount ?? 0) }
    }

    private let precomputed: Kernels
    private let onTheFly: Kernels
    /// The kernel with a normalization folded in, which writes to the normalization's output.
    private var foldedKernel: WinogradConvolution?
    private let input: Activation
    private let output: Activation
    private let arena: ScratchArena
    /// U for the forward pass and for the gradient of the input.
    private let transformed: AlignedBuffer<Float>
    private let transformedBackward: AlignedBuffer<Float>
    /// [thread][36][O][I][16][16]: the gradient of U over a shard.
    private let gradient: AlignedBuffer<Float>

    /// Whether U is made where it is used and not beforehand: where a thread has few groups of images, and U is so large that
    /// it would come from the third-level cache each time.
    private var transformsOnTheFly = false
    private let outgrowsCache: Bool

    private static let fewGroups = 4
    /// Floats that stay in a second-level cache of 512 KiB with what else is there.
    private static let cacheable = 80_000

    /// nil where images enter as planes. The convolution is of the kind that `WinogradConvolution.fits`.
    init?(_ input: Activation, _ output: Activation, _ arena: ScratchArena) {
        guard case .blocked(let from) = input.layout, let outputGradient = output.gradientLayout else { return nil }
        precomputed = Kernels(from, outputGradient, input, output, weightTransform: .precomputed)
        onTheFly = Kernels(from, outputGradient, input, output, weightTransform: .onTheFly)
        outgrowsCache = precomputed.forward.weightCount > Self.cacheable
        self.input = input
        self.output = output
        self.arena = arena
        arena.reserve(max(precomputed.scratchCount, onTheFly.scratchCount))
        transformed = AlignedBuffer(count: precomputed.forward.weightCount)
        transformedBackward = AlignedBuffer(count: precomputed.gradient?.weightCount ?? 0)
        gradient = AlignedBuffer(count: arena.threads * precomputed.forward.weightCount)
    }

    var group: Int { precomputed.forward.group }

    /// Before a batch.
    func prepare(_ state: StepState) {
        transformsOnTheFly = outgrowsCache && state.mode != .runningStatistics && state.count <= Self.fewGroups * group
    }

    func prepareFolding(into target: Activation) {
        foldedKernel = WinogradConvolution(
            input: precomputed.forward.input, output: target.blocked, weightTransform: .precomputed)
    }

    func pack(_ packed: UnsafePointer<Float>, outputBlocks: Range<Int>) {
        guard !transformsOnTheFly else { return }
        precomputed.forward.transform(packed, outputBlocks: outputBlocks, flipped: false, into: transformed.base)
    }

    func packBackward(_ transposed: UnsafePointer<Float>, inputBlocks: Range<Int>) {
        guard !transformsOnTheFly else { return }
        precomputed.gradient?.transform(
            transposed, outputBlocks: inputBlocks, flipped: true, into: transformedBackward.base)
    }

    /// Images in the kernel's groups.
    private func forEachGroup(_ images: Range<Int>, _ body: (_ first: Int, _ count: Int) -> Void) {
        for first in stride(from: images.lowerBound, to: images.upperBound, by: group) {
            body(first, min(group, images.upperBound - first))
        }
    }

    /// With the normalization folded into `transformed`: into another memory, rectified if a ReLU follows.
    func forwardFolded(
        _ images: Range<Int>, _ context: ShardContext, bias: UnsafePointer<Float>, into target: Activation,
        rectify: Bool
    ) {
        guard let foldedKernel else { return }
        let scratch = arena.base(context)
        forEachGroup(images) { first, count in
            foldedKernel.run(
                from: input.value(first, context), images: count, weights: .transformed(transformed.base),
                bias: bias, to: target.value(first, context), rectify: rectify, scratch: scratch)
        }
    }

    func forward(
        _ images: Range<Int>, _ context: ShardContext, weights packed: UnsafePointer<Float>, bias: UnsafePointer<Float>?
    ) {
        let kernel = transformsOnTheFly ? onTheFly.forward : precomputed.forward
        let weights: WinogradConvolution.Weights =
            transformsOnTheFly ? .kernels(packed, flipped: false) : .transformed(transformed.base)
        forEachGroup(images) { first, count in
            kernel.run(
                from: input.value(first, context), images: count, weights: weights, bias: bias,
                to: output.value(first), scratch: arena.base(context))
        }
    }

    /// `partial` is the shard's gradient of the weights, which the first images set and the others are added to.
    func sumGradient(_ images: Range<Int>, _ context: ShardContext, into partial: UnsafeMutablePointer<Float>) {
        guard let layout = output.gradientLayout else { return }
        let kernel = transformsOnTheFly ? onTheFly.forward : precomputed.forward
        let du = transformsOnTheFly ? nil : gradientBase(context)
        forEachGroup(images) { first, count in
            kernel.accumulateGradient(
                x: input.value(first, context), dy: output.gradient(first), layout, images: count,
                into: .init(kernels: partial, transformed: du, adding: first > context.shardStart),
                scratch: arena.base(context))
        }
    }

    func endSumming(_ context: ShardContext, into partial: UnsafeMutablePointer<Float>) {
        guard !transformsOnTheFly else { return }
        precomputed.forward.finishGradient(gradientBase(context), into: partial)
    }

    func backward(_ images: Range<Int>, _ context: ShardContext, transposed: UnsafePointer<Float>) {
        guard let kernel = transformsOnTheFly ? onTheFly.gradient : precomputed.gradient else { return }
        let weights: WinogradConvolution.Weights =
            transformsOnTheFly ? .kernels(transposed, flipped: true) : .transformed(transformedBackward.base)
        forEachGroup(images) { first, count in
            kernel.run(
                from: output.gradient(first), images: count, weights: weights, bias: nil, to: input.gradient(first),
                scratch: arena.base(context))
        }
    }

    private func gradientBase(_ context: ShardContext) -> UnsafeMutablePointer<Float> {
        gradient.base + context.thread * precomputed.forward.weightCount
    }
}
