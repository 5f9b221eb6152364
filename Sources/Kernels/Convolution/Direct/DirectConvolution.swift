import Tensors

/// A convolution as plain sums of products, for any kernel, stride, padding and dilation in up to three dimensions: the
/// forward pass, and the gradient of the input, which is the same sum over other taps.
///
/// Products run in `ConvolutionTile`.
package final class DirectConvolution: Sendable {
    private let sweeps: [Sweep]
    private let taps: AlignedBuffer<Tap>
    let tapKind: TapKind
    private let outputBlocks: Int
    private let outputBlockStride: Int
    private let weightBlockStride: Int

    /// The forward pass. `input` has a halo of at least the padding.
    package init(_ geometry: ConvolutionGeometry, from input: ConvolutionInput, to output: BlockedLayout) {
        let weights = ConvolutionWeights(geometry, input: input)
        precondition(geometry.outputExtent(of: input.extent) == output.extent, "the output has another extent")
        precondition(output.blocks == weights.outputBlocks, "the output has other channels")
        precondition(input.halo.covers(geometry.padding), "the halo is narrower than the padding")
        let list = Sweep.forwardTaps(geometry, weights, input)
        taps = AlignedBuffer(of: list)
        sweeps = [Sweep.forward(geometry, input, output, taps: 0..<list.count)]
        tapKind = TapKind(channelsPerTap: input.channelsPerTap, list)
        outputBlocks = output.blocks
        outputBlockStride = output.blockStride
        weightBlockStride = weights.blockStride
    }

    /// The gradient of the input, from the gradient of the output and transposed weights
    /// (`ConvolutionWeights.transpose`). The output's gradient has the halo that `gradientHalo` asks for.
    package init(gradientOf geometry: ConvolutionGeometry, from output: BlockedLayout, to input: BlockedLayout) {
        let halo = geometry.gradientHalo(input: input.extent, output: output.extent)
        precondition(geometry.outputExtent(of: input.extent) == output.extent, "the output has another extent")
        precondition(output.halo.covers(halo), "the halo of the output's gradient is too narrow")
        let weights = ConvolutionWeights(geometry, input: .blocked(input))
        let (sweeps, list) = Sweep.gradient(geometry, weights, from: output, to: input)
        self.sweeps = sweeps
        taps = AlignedBuffer(of: list)
        tapKind = .channels
        outputBlocks = input.blocks
        outputBlockStride = input.blockStride
        weightBlockStride = output.blocks * weights.groupStride
    }

    /// One image. `bias` holds one number for each output channel, padded, or is nil; `rectify` takes max(0, ·) of the sums.
    package func run(
        from x: UnsafePointer<Float>, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
        to y: UnsafeMutablePointer<Float>, rectify: Bool = false
    ) {
        for sweep in sweeps {
            var block = 0
            while block < outputBlocks {
                let paired = block + 1 < outputBlocks
                sweep.run(
                    x, weights + block * weightBlockStride, bias.map { $0 + block * laneCount },
                    y + block * outputBlockStride, self, paired: paired, rectify: rectify)
                block += paired ? 2 : 1
            }
        }
    }

    /// One row of a two-dimensional forward pass, its blocks `blockStride` floats apart in `y`.
    package func runRow(
        _ row: Int, from x: UnsafePointer<Float>, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
        to y: UnsafeMutablePointer<Float>, blockStride: Int, rectify: Bool = false
    ) {
        let sweep = sweeps[0]
        precondition(sweeps.count == 1 && row < sweep.extent.height, "a forward pass has no such row")
        var block = 0
        while block < outputBlocks {
            let paired = block + 1 < outputBlocks
            let tile = ConvolutionTile(
                x: x + sweep.input.origin + row * sweep.input.row, y: y + block * blockStride,
                weights: weights + block * weightBlockStride, bias: bias.map { $0 + block * laneCount },
                taps: UnsafePointer(taps.base), tapCount: sweep.taps.count, outputBlockStride: blockStride,
                weightBlockStride: weightBlockStride, inputPixel: sweep.input.pixel, outputPixel: laneCount,
                floor: rectify ? 0 : -.infinity)
            tile.runRow(width: sweep.extent.width, paired: paired, tapKind)
            block += paired ? 2 : 1
        }
    }

    func tile(
        at x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ w: UnsafePointer<Float>,
        _ sweep: Sweep, _ bias: UnsafePointer<Float>?, rectify: Bool
    ) -> ConvolutionTile {
        ConvolutionTile(
            x: x, y: y, weights: w, bias: bias, taps: UnsafePointer(taps.base + sweep.taps.lowerBound),
            tapCount: sweep.taps.count, outputBlockStride: outputBlockStride, weightBlockStride: weightBlockStride,
            inputPixel: sweep.input.pixel, outputPixel: sweep.output.pixel,
            floor: rectify ? 0 : -.infinity)
    }
}

extension Extent {
    fileprivate func covers(_ other: Extent) -> Bool {
        depth >= other.depth && height >= other.height && width >= other.width
    }
}
