import Tensors

/// The Winograd way through one convolution, forward and back, with the memory it needs.
final class FastConvolution {
    private let kernel: WinogradConvolution
    private let gradientKernel: WinogradConvolution?
    /// Writes to where the normalization that is folded in writes to.
    private var foldedKernel: WinogradConvolution?
    private let weights: WinogradWeights
    private let backwardWeights: WinogradWeights
    private let input: FeatureMemory
    private let output: FeatureMemory
    private let bench: Workbench
    /// U for the forward pass and for the gradient of the input.
    private let transformed: AlignedBuffer<Float>
    private let transformedBackward: AlignedBuffer<Float>
    /// [thread][36][O][I][16][16]: the gradient of U over a lane.
    private let gradient: AlignedBuffer<Float>

    /// nil where the convolution isn't of the kind.
    init?(
        _ geometry: ConvolutionGeometry, _ packed: ConvolutionWeights, _ input: FeatureMemory,
        _ output: FeatureMemory, _ bench: Workbench
    ) {
        guard case .blocked(let from) = input.layout, let outputGradient = output.gradientLayout,
            WinogradConvolution.fits(geometry, extent: from.extent)
        else { return nil }
        kernel = WinogradConvolution(input: from, output: output.blocked)
        gradientKernel = input.gradientLayout.map { WinogradConvolution(input: outputGradient, output: $0) }
        weights = WinogradWeights(outer: packed.outputBlocks, inner: packed.inputGroups)
        backwardWeights = WinogradWeights(outer: packed.inputGroups, inner: packed.outputBlocks)
        self.input = input
        self.output = output
        self.bench = bench
        bench.reserve(max(kernel.scratchCount, gradientKernel?.scratchCount ?? 0))
        transformed = AlignedBuffer(count: kernel.weightCount)
        transformedBackward = AlignedBuffer(count: gradientKernel?.weightCount ?? 0)
        gradient = AlignedBuffer(count: bench.threads * kernel.weightCount)
    }

    var group: Int { kernel.group }

    func prepareFolding(into target: FeatureMemory) {
        foldedKernel = WinogradConvolution(input: kernel.input, output: target.blocked)
    }

    func pack(_ packed: UnsafePointer<Float>, outputBlocks: Range<Int>) {
        weights.transform(packed, into: transformed.base, outer: outputBlocks, flipped: false)
    }

    func packBackward(_ transposed: UnsafePointer<Float>, inputBlocks: Range<Int>) {
        backwardWeights.transform(transposed, into: transformedBackward.base, outer: inputBlocks, flipped: true)
    }

    /// Images in the kernel's groups.
    private func forEachGroup(_ images: Range<Int>, _ body: (_ first: Int, _ count: Int) -> Void) {
        for first in stride(from: images.lowerBound, to: images.upperBound, by: kernel.group) {
            body(first, min(kernel.group, images.upperBound - first))
        }
    }

    /// With the normalization folded into `transformed`: into another memory, rectified if a ReLU follows.
    func forwardFolded(
        _ images: Range<Int>, _ worker: Worker, bias: UnsafePointer<Float>, into target: FeatureMemory, rectify: Bool
    ) {
        guard let foldedKernel else { return }
        let scratch = bench.base(worker)
        forEachGroup(images) { first, count in
            foldedKernel.run(
                from: input.value(first, worker), images: count, weights: transformed.base, bias: bias,
                to: target.value(first, worker), rectify: rectify, scratch: scratch)
        }
    }

    func forward(_ images: Range<Int>, _ worker: Worker, bias: UnsafePointer<Float>?) {
        let scratch = bench.base(worker)
        forEachGroup(images) { first, count in
            kernel.run(
                from: input.value(first, worker), images: count, weights: transformed.base, bias: bias,
                to: output.value(first), scratch: scratch)
        }
    }

    func backward(_ images: Range<Int>, _ worker: Worker) {
        guard let layout = output.gradientLayout else { return }
        let scratch = bench.base(worker)
        forEachGroup(images) { first, count in
            kernel.accumulateGradient(
                x: input.value(first, worker), dy: output.gradient(first), layout, images: count,
                into: gradient.base + worker.thread * kernel.weightCount, adding: first > worker.laneStart,
                scratch: scratch)
            gradientKernel?.run(
                from: output.gradient(first), images: count, weights: transformedBackward.base, bias: nil,
                to: input.gradient(first), scratch: scratch)
        }
    }

    func endBackward(_ worker: Worker, into partial: UnsafeMutablePointer<Float>) {
        weights.gradient(gradient.base + worker.thread * kernel.weightCount, into: partial)
    }
}
