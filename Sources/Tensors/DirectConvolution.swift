/// A convolution as plain sums of products, for any kernel, stride, padding and dilation in up to three dimensions: the
/// forward pass, and the gradient of the input, which is the same sum over other taps.
///
/// Blocking, for output blocks in pairs (a and b):
///
///        weights of one tap            8 neighbouring output pixels
///        [16 in][16 out]                p0  p1  p2  p3  p4  p5  p6  p7
///     a  ────── one Lanes  ──┐     a   [ ] [ ] [ ] [ ] [ ] [ ] [ ] [ ]   16 accumulators, each one Lanes
///     b  ────── one Lanes  ──┴──►  b   [ ] [ ] [ ] [ ] [ ] [ ] [ ] [ ]   of 16 output channels
///                                       ▲   ▲
///                     input scalar of each pixel, broadcast inside the multiply-add
///
/// Registers: 16 accumulators + 2 weights = 18 of AVX-512's 32; a single block takes 16 pixels × 1 instead. Sixteen
/// independent sums hide the latency of the multiply-add four times over, and each weight is loaded once for 8 pixels.
///
/// A row whose width is no multiple of the tile ends with a tile that overlaps the one before: the same values are then
/// computed twice, which is cheaper than a tail of odd tiles. So every output value is summed in the same order, whatever
/// tile computes it.
package final class DirectConvolution: Sendable {
    private let sweeps: [Sweep]
    private let taps: AlignedBuffer<Tap>
    private let channelsPerTap: Int
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
        channelsPerTap = input.channelsPerTap
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
        channelsPerTap = laneCount
        outputBlocks = input.blocks
        outputBlockStride = input.blockStride
        weightBlockStride = output.blocks * weights.groupStride
    }

    /// One image. `bias` holds one number for each output channel, padded, or is nil.
    package func run(
        from x: UnsafePointer<Float>, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
        to y: UnsafeMutablePointer<Float>
    ) {
        for sweep in sweeps {
            var block = 0
            while block < outputBlocks {
                let paired = block + 1 < outputBlocks
                sweep.run(
                    x, weights + block * weightBlockStride, bias.map { $0 + block * laneCount },
                    y + block * outputBlockStride, self, paired: paired)
                block += paired ? 2 : 1
            }
        }
    }

    fileprivate func tile(
        at x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ w: UnsafePointer<Float>,
        _ sweep: Sweep, _ bias: UnsafePointer<Float>?
    ) -> Tile {
        Tile(
            x: x, y: y, weights: w, bias: bias, taps: UnsafePointer(taps.base + sweep.taps.lowerBound),
            tapCount: sweep.taps.count, outputBlockStride: outputBlockStride, weightBlockStride: weightBlockStride,
            inputPixel: sweep.input.pixel, outputPixel: sweep.output.pixel)
    }

    fileprivate var isPlanar: Bool { channelsPerTap == 1 }
}

extension Extent {
    fileprivate func covers(_ other: Extent) -> Bool {
        depth >= other.depth && height >= other.height && width >= other.width
    }
}

/// One tap of a kernel into one input group: where its input and its weights stand, in floats from the tile's own.
struct Tap: BitwiseCopyable {
    let input: Int
    let weight: Int
}

/// Where a sweep begins and how far apart its planes, rows and pixels are, in floats.
struct Steps: Equatable, Sendable {
    let origin: Int
    let plane: Int
    let row: Int
    let pixel: Int
}

/// One walk over evenly spaced output positions that share a list of taps: all of them in a forward pass, one for each
/// residue of the stride in the gradient of the input.
struct Sweep: Equatable, Sendable {
    let extent: Extent
    let input: Steps
    let output: Steps
    let taps: Range<Int>

    fileprivate func run(
        _ x: UnsafePointer<Float>, _ w: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?,
        _ y: UnsafeMutablePointer<Float>, _ convolution: DirectConvolution, paired: Bool
    ) {
        for z in 0..<extent.depth {
            for row in 0..<extent.height {
                let tile = convolution.tile(
                    at: x + input.origin + z * input.plane + row * input.row,
                    y + output.origin + z * output.plane + row * output.row, w, self, bias)
                tile.runRow(width: extent.width, paired: paired, planar: convolution.isPlanar)
            }
        }
    }
}

extension Sweep {
    static func forwardTaps(
        _ geometry: ConvolutionGeometry, _ weights: ConvolutionWeights, _ input: ConvolutionInput
    ) -> [Tap] {
        let kernel = geometry.kernel, dilation = geometry.dilation
        var taps: [Tap] = []
        for group in 0..<weights.inputGroups {
            for tap in 0..<weights.taps {
                let x = tap % kernel.width * dilation.width
                let y = tap / kernel.width % kernel.height * dilation.height
                let z = tap / (kernel.width * kernel.height) * dilation.depth
                let start = input.offset(group: 0, 0, 0, 0)
                taps.append(
                    Tap(
                        input: input.offset(group: group, z, y, x) - start,
                        weight: group * weights.groupStride + tap * weights.tapStride))
            }
        }
        return taps
    }

    static func forward(
        _ geometry: ConvolutionGeometry, _ input: ConvolutionInput, _ output: BlockedLayout, taps: Range<Int>
    ) -> Sweep {
        let padding = geometry.padding, stride = geometry.stride
        return Sweep(
            extent: output.extent,
            input: Steps(
                origin: input.offset(group: 0, -padding.depth, -padding.height, -padding.width),
                plane: input.planeStride * stride.depth, row: input.rowStride * stride.height,
                pixel: input.pixelStride * stride.width),
            output: output.steps(from: .zero, stride: .one), taps: taps)
    }

    /// Input position residue + stride·j is reached through the taps whose distance from it is a multiple of the stride,
    /// from output position j + offset (`ConvolutionGeometry.gradientTaps`).
    static func gradient(
        _ geometry: ConvolutionGeometry, _ weights: ConvolutionWeights, from output: BlockedLayout,
        to input: BlockedLayout
    ) -> ([Sweep], [Tap]) {
        var sweeps: [Sweep] = [], taps: [Tap] = []
        for residue in geometry.stride.positions where residue.isInside(input.extent) {
            let first = taps.count
            for block in 0..<output.blocks {
                taps += geometry.taps(residue: residue).map { tap, offset in
                    Tap(
                        input: output.row(block: block, offset.depth, offset.height) + offset.width * laneCount
                            - output.row(block: 0, 0, 0),
                        weight: block * weights.groupStride + tap * weights.tapStride)
                }
            }
            let extent = input.extent.combined(residue, -).combined(geometry.stride) { ($0 + $1 - 1) / $1 }
            sweeps.append(
                Sweep(
                    extent: extent, input: output.steps(from: .zero, stride: .one),
                    output: input.steps(from: residue, stride: geometry.stride), taps: first..<taps.count))
        }
        return (sweeps, taps)
    }
}

extension ConvolutionGeometry {
    fileprivate func taps(residue: Extent) -> [(tap: Int, offset: Extent)] {
        gradientTaps(\.depth, residue: residue.depth).flatMap { z in
            gradientTaps(\.height, residue: residue.height).flatMap { y in
                gradientTaps(\.width, residue: residue.width).map { x in
                    ((z.tap * kernel.height + y.tap) * kernel.width + x.tap, Extent(z.offset, y.offset, x.offset))
                }
            }
        }
    }
}

extension Extent {
    /// All (z, y, x) below this extent.
    fileprivate var positions: [Extent] {
        (0..<depth).flatMap { z in (0..<height).flatMap { y in (0..<width).map { x in Extent(z, y, x) } } }
    }

    fileprivate func isInside(_ other: Extent) -> Bool {
        depth < other.depth && height < other.height && width < other.width
    }
}

extension BlockedLayout {
    fileprivate func steps(from start: Extent, stride: Extent) -> Steps {
        Steps(
            origin: row(block: 0, start.depth, start.height) + start.width * laneCount,
            plane: planeStride * stride.depth, row: rowStride * stride.height, pixel: laneCount * stride.width)
    }
}

extension AlignedBuffer {
    convenience init(of values: [Element]) {
        self.init(count: values.count)
        for (index, value) in values.enumerated() { base[index] = value }
    }
}

/// A few neighbouring output pixels and one or two output blocks, held in registers while all taps go by.
private struct Tile {
    let x: UnsafePointer<Float>
    let y: UnsafeMutablePointer<Float>
    let weights: UnsafePointer<Float>
    let bias: UnsafePointer<Float>?
    let taps: UnsafePointer<Tap>
    let tapCount: Int
    let outputBlockStride: Int
    let weightBlockStride: Int
    let inputPixel: Int
    let outputPixel: Int

    /// The widest tile that fits, and smaller ones only for rows narrower than it.
    func runRow(width: Int, paired: Bool, planar: Bool) {
        switch (paired, width) {
        case (true, 8...): repeatTile(of: 8, width) { pair(InlineArray<8, Lanes>.self, planar, $0) }
        case (true, 4...): repeatTile(of: 4, width) { pair(InlineArray<4, Lanes>.self, planar, $0) }
        case (true, _): repeatTile(of: 1, width) { pair(InlineArray<1, Lanes>.self, planar, $0) }
        case (false, 16...): repeatTile(of: 16, width) { single(InlineArray<16, Lanes>.self, planar, $0) }
        case (false, 8...): repeatTile(of: 8, width) { single(InlineArray<8, Lanes>.self, planar, $0) }
        case (false, 4...): repeatTile(of: 4, width) { single(InlineArray<4, Lanes>.self, planar, $0) }
        case (false, _): repeatTile(of: 1, width) { single(InlineArray<1, Lanes>.self, planar, $0) }
        }
    }

    @inline(__always)
    private func repeatTile(of size: Int, _ width: Int, _ body: (_ pixel: Int) -> Void) {
        var pixel = 0
        while pixel < width {
            body(min(pixel, width - size))
            pixel += size
        }
    }

    /// Constants for the strides that matter let the compiler put them into the addresses.
    @inline(__always)
    private func pair<let pixels: Int>(_ type: InlineArray<pixels, Lanes>.Type, _ planar: Bool, _ pixel: Int) {
        if planar {
            pair(type, pixel, inputs: 1, stride: inputPixel)
        } else if inputPixel == laneCount {
            pair(type, pixel, inputs: laneCount, stride: laneCount)
        } else if inputPixel == 2 * laneCount {
            pair(type, pixel, inputs: laneCount, stride: 2 * laneCount)
        } else {
            pair(type, pixel, inputs: laneCount, stride: inputPixel)
        }
    }

    @inline(__always)
    private func single<let pixels: Int>(_ type: InlineArray<pixels, Lanes>.Type, _ planar: Bool, _ pixel: Int) {
        if planar && inputPixel == 1 {
            single(type, pixel, inputs: 1, stride: 1)
        } else if planar {
            single(type, pixel, inputs: 1, stride: inputPixel)
        } else if inputPixel == laneCount {
            single(type, pixel, inputs: laneCount, stride: laneCount)
        } else if inputPixel == 2 * laneCount {
            single(type, pixel, inputs: laneCount, stride: 2 * laneCount)
        } else {
            single(type, pixel, inputs: laneCount, stride: inputPixel)
        }
    }

    @inline(__always)
    private func pair<let pixels: Int>(
        _ type: InlineArray<pixels, Lanes>.Type, _ pixel: Int, inputs: Int, stride: Int
    ) {
        var a = InlineArray<pixels, Lanes>(repeating: start(block: 0))
        var b = InlineArray<pixels, Lanes>(repeating: start(block: 1))
        let input = x + pixel &* stride
        for tap in 0..<tapCount {
            let from = input + taps[tap].input, weight = weights + taps[tap].weight
            for channel in 0..<inputs {
                let toA = Lanes(at: weight, channel &* laneCount)
                let toB = Lanes(at: weight + weightBlockStride, channel &* laneCount)
                for p in 0..<pixels {
                    let value = Lanes(broadcast: from, channel &+ (p &* stride))
                    a[p].accumulate(toA, value)
                    b[p].accumulate(toB, value)
                }
            }
        }
        store(a, at: y + pixel &* outputPixel)
        store(b, at: y + outputBlockStride + pixel &* outputPixel)
    }

    @inline(__always)
    private func single<let pixels: Int>(
        _ type: InlineArray<pixels, Lanes>.Type, _ pixel: Int, inputs: Int, stride: Int
    ) {
        var a = InlineArray<pixels, Lanes>(repeating: start(block: 0))
        let input = x + pixel &* stride
        for tap in 0..<tapCount {
            let from = input + taps[tap].input, weight = weights + taps[tap].weight
            for channel in 0..<inputs {
                let toA = Lanes(at: weight, channel &* laneCount)
                for p in 0..<pixels { a[p].accumulate(toA, Lanes(broadcast: from, channel &+ (p &* stride))) }
            }
        }
        store(a, at: y + pixel &* outputPixel)
    }

    @inline(__always)
    private func start(block: Int) -> Lanes {
        guard let bias else { return Lanes() }
        return Lanes(at: bias, block &* laneCount)
    }

    @inline(__always)
    private func store<let pixels: Int>(_ sums: InlineArray<pixels, Lanes>, at y: UnsafeMutablePointer<Float>) {
        for p in 0..<pixels { sums[p].store(to: y, p &* outputPixel) }
    }
}
