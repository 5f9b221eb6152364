/// A 3×3 convolution of stride 1 and padding 1 by F(4×4, 3×3): a quarter of the products, for images whose sides are
/// multiples of four. Forward, the gradient of the input (the same with other weights), and the gradient of the weights.
///
/// T tiles of 4×4 outputs, of one or more images; 36 frequencies; I input and O output blocks of sixteen channels.
///
///        image                V [36][I][T][16]         M [36][O][T][16]          image
///     ┌──────────┐  Bᵀ d B   ┌───────────────┐  · U   ┌───────────────┐  Aᵀ m A  ┌──────────┐
///     │ 6×6 every│ ────────► │ a row of T    │ ─────► │ a row of T    │ ───────► │ 4×4 tiles│
///     │ 4 pixels │           │ "pixels"      │        │ "pixels"      │          │          │
///     └──────────┘           └───────────────┘        └───────────────┘          └──────────┘
///
/// For one frequency the product is a 1×1 convolution over a row of T pixels, and runs in the direct convolution's tile:
/// 8 tiles × 2 output blocks = 16 accumulators + 2 weights = 18 registers. The order is frequency, pair of output blocks,
/// tiles: the weights of one frequency and pair stay in the first-level cache.
///
/// A transform holds 36 vectors of sixteen channels, more than there are registers: rows first into memory of its own,
/// which stays in the first-level cache, then columns.
package final class WinogradConvolution: Sendable {
    package let input: BlockedLayout
    package let output: BlockedLayout
    /// Images taken together: enough tiles for the products, few enough that V and M stay in the second-level cache.
    package let group: Int
    private let tilesPerImage: Int
    private let capacity: Int
    private let taps: AlignedBuffer<Tap>

    package static let frequencies = 36

    /// Whether a convolution is of the kind, on an image of this extent.
    package static func fits(_ geometry: ConvolutionGeometry, extent: Extent) -> Bool {
        geometry.kernel == Extent(1, 3, 3) && geometry.stride == .one && geometry.dilation == .one
            && geometry.padding == Extent(0, 1, 1) && geometry.groups == 1 && extent.depth == 1
            && extent.height % 4 == 0 && extent.width % 4 == 0
    }

    /// `input` has a halo of at least one pixel. For the gradient of the input, `input` is the layout of the output's
    /// gradient, and `output` that of the input's.
    package init(input: BlockedLayout, output: BlockedLayout) {
        precondition(
            input.extent == output.extent && input.halo.height >= 1 && input.halo.width >= 1, "the layouts don't fit")
        precondition(input.extent.height % 4 == 0 && input.extent.width % 4 == 0, "sides are multiples of four")
        self.input = input
        self.output = output
        tilesPerImage = input.extent.height / 4 * (input.extent.width / 4)
        group = min(max(32 / tilesPerImage, 1), 8)
        capacity = group * tilesPerImage
        taps = AlignedBuffer(count: input.blocks)
        for block in 0..<input.blocks {
            taps[block] = Tap(input: block * capacity * laneCount, weight: block * laneCount * laneCount)
        }
    }

    /// Floats of V and of M.
    package var transformedInputCount: Int { Self.frequencies * input.blocks * capacity * laneCount }
    package var transformedOutputCount: Int { Self.frequencies * output.blocks * capacity * laneCount }
    /// Floats of U, the transformed weights `[36][O][I][16 in][16 out]`.
    package var weightCount: Int { Self.frequencies * frequencyStride }
    private var frequencyStride: Int { output.blocks * input.blocks * laneCount * laneCount }

    /// y = conv(x) + bias for up to `group` images that stand side by side, and max(0, ·) of it if `rectify`.
    package func run(
        from x: UnsafePointer<Float>, images: Int, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
        to y: UnsafeMutablePointer<Float>, rectify: Bool = false, v: UnsafeMutablePointer<Float>,
        m: UnsafeMutablePointer<Float>
    ) {
        precondition(images <= group, "more images than there is room for")
        transformInput(x, images: images, into: v)
        for frequency in 0..<Self.frequencies { multiply(frequency, images * tilesPerImage, v, weights, m) }
        transformOutput(m, images: images, bias: bias, rectify: rectify, into: y)
    }

    private func multiply(
        _ frequency: Int, _ tiles: Int, _ v: UnsafePointer<Float>, _ weights: UnsafePointer<Float>,
        _ m: UnsafeMutablePointer<Float>
    ) {
        let blockStride = capacity * laneCount, weightBlockStride = input.blocks * laneCount * laneCount
        let from = v + frequency * input.blocks * blockStride
        var block = 0
        while block < output.blocks {
            let paired = block + 1 < output.blocks
            let tile = ConvolutionTile(
                x: from, y: m + (frequency * output.blocks + block) * blockStride,
                weights: weights + frequency * frequencyStride + block * weightBlockStride, bias: nil,
                taps: UnsafePointer(taps.base), tapCount: input.blocks, outputBlockStride: blockStride,
                weightBlockStride: weightBlockStride, inputPixel: laneCount, outputPixel: laneCount)
            tile.runRow(width: tiles, paired: paired, planar: false)
            block += paired ? 2 : 1
        }
    }

    // MARK: Transforms

    /// V of up to `group` images.
    package func transformInput(_ x: UnsafePointer<Float>, images: Int, into v: UnsafeMutablePointer<Float>) {
        let step = input.blocks * capacity * laneCount
        forEachTile(of: input, images) { block, place, tile in
            // The tile's first pixel lies one row and one column before the 4×4 outputs.
            let corner = x + place - input.rowStride - laneCount
            var rows = InlineArray<6, WinogradTransform.Six>(repeating: .init(repeating: Lanes()))
            for row in 0..<6 {
                let line = corner + row * input.rowStride
                var six = WinogradTransform.Six(repeating: Lanes())
                for column in 0..<6 { six[column] = Lanes(at: line, column &* laneCount) }
                rows[row] = WinogradTransform.input(six)
            }
            let to = v + (block * capacity + tile) * laneCount
            for column in 0..<6 {
                var six = WinogradTransform.Six(repeating: Lanes())
                for row in 0..<6 { six[row] = rows[row][column] }
                let sixth = WinogradTransform.input(six)
                for row in 0..<6 { sixth[row].store(to: to, ((row &* 6) &+ column) &* step) }
            }
        }
    }

    private func transformOutput(
        _ m: UnsafePointer<Float>, images: Int, bias: UnsafePointer<Float>?, rectify: Bool,
        into y: UnsafeMutablePointer<Float>
    ) {
        let step = output.blocks * capacity * laneCount
        forEachTile(of: output, images) { block, place, tile in
            let from = m + (block * capacity + tile) * laneCount
            let offset = bias.map { Lanes(at: $0, block &* laneCount) } ?? Lanes()
            var rows = InlineArray<6, InlineArray<4, Lanes>>(repeating: .init(repeating: Lanes()))
            for row in 0..<6 {
                let line = from + row * 6 * step
                var six = WinogradTransform.Six(repeating: Lanes())
                for column in 0..<6 { six[column] = Lanes(at: line, column &* step) }
                rows[row] = WinogradTransform.output(six)
            }
            for column in 0..<4 {
                var six = WinogradTransform.Six(repeating: Lanes())
                for row in 0..<6 { six[row] = rows[row][column] }
                let fourth = WinogradTransform.output(six)
                let to = y + place + column * laneCount
                for row in 0..<4 {
                    let value = fourth[row] + offset
                    (rectify ? value.rectified : value).store(to: to, row &* output.rowStride)
                }
            }
        }
    }

    /// A dy Aᵀ of the output's gradient, which has the layout `gradient`: `[36][O][T][16]`.
    private func transformGradient(
        _ dy: UnsafePointer<Float>, _ gradient: BlockedLayout, images: Int, into m: UnsafeMutablePointer<Float>
    ) {
        let step = output.blocks * capacity * laneCount
        forEachTile(of: gradient, images) { block, place, tile in
            var rows = InlineArray<4, WinogradTransform.Six>(repeating: .init(repeating: Lanes()))
            for row in 0..<4 {
                let line = dy + place + row * gradient.rowStride
                var four = InlineArray<4, Lanes>(repeating: Lanes())
                for column in 0..<4 { four[column] = Lanes(at: line, column &* laneCount) }
                rows[row] = WinogradTransform.outputGradient(four)
            }
            let to = m + (block * capacity + tile) * laneCount
            for column in 0..<6 {
                var four = InlineArray<4, Lanes>(repeating: Lanes())
                for row in 0..<4 { four[row] = rows[row][column] }
                let sixth = WinogradTransform.outputGradient(four)
                for row in 0..<6 { sixth[row].store(to: to, ((row &* 6) &+ column) &* step) }
            }
        }
    }

    /// Each tile of each block: where its first output pixel stands, and its number among all images' tiles.
    @inline(__always)
    private func forEachTile(
        of layout: BlockedLayout, _ images: Int, _ body: (_ block: Int, _ place: Int, _ tile: Int) -> Void
    ) {
        let columns = layout.extent.width / 4
        for block in 0..<layout.blocks {
            var tile = 0
            for image in 0..<images {
                for row in stride(from: 0, to: layout.extent.height, by: 4) {
                    let start = image * layout.imageStride + layout.row(block: block, 0, row)
                    for column in 0..<columns {
                        body(block, start + column * 4 * laneCount, tile)
                        tile += 1
                    }
                }
            }
        }
    }

    // MARK: Gradient of the weights

    /// dU += V · (A dy Aᵀ), `[36][O][I][16 in][16 out]`, for up to `group` images. `dy` has the layout `gradient`.
    ///
    /// Blocking as in `ConvolutionWeightGradient`: 8 input channels × 2 output blocks are 16 accumulators that run over
    /// the tiles.
    package func accumulateGradient(
        x: UnsafePointer<Float>, dy: UnsafePointer<Float>, _ gradient: BlockedLayout, images: Int,
        into du: UnsafeMutablePointer<Float>, v: UnsafeMutablePointer<Float>, m: UnsafeMutablePointer<Float>
    ) {
        precondition(images <= group, "more images than there is room for")
        transformInput(x, images: images, into: v)
        transformGradient(dy, gradient, images: images, into: m)
        let tiles = images * tilesPerImage, stride = capacity * laneCount
        for frequency in 0..<Self.frequencies {
            let from = v + frequency * input.blocks * stride, to = m + frequency * output.blocks * stride
            let target = du + frequency * frequencyStride
            for block in Swift.stride(from: 0, to: output.blocks, by: 2) {
                for channel in 0..<input.blocks {
                    let place = target + (block * input.blocks + channel) * laneCount * laneCount
                    addProducts(
                        from + channel * stride, to + block * stride, tiles, place, paired: block + 1 < output.blocks)
                }
            }
        }
    }

    private func addProducts(
        _ v: UnsafePointer<Float>, _ m: UnsafePointer<Float>, _ tiles: Int, _ du: UnsafeMutablePointer<Float>,
        paired: Bool
    ) {
        let nextBlock = capacity * laneCount, nextTarget = input.blocks * laneCount * laneCount
        for half in 0..<2 {
            let to = du + half * 8 * laneCount
            var a = InlineArray<8, Lanes>(repeating: Lanes()), b = a
            for channel in 0..<8 {
                a[channel] = Lanes(at: to, channel &* laneCount)
                if paired { b[channel] = Lanes(at: to + nextTarget, channel &* laneCount) }
            }
            var from = v + half * 8, other = m
            // A single block is multiplied with itself a second time, and the result dropped.
            let second = paired ? nextBlock : 0
            for _ in 0..<tiles {
                let dyA = Lanes(at: other), dyB = Lanes(at: other, second)
                for channel in 0..<8 {
                    let value = Lanes(broadcast: from, channel)
                    a[channel].accumulate(dyA, value)
                    b[channel].accumulate(dyB, value)
                }
                from += laneCount
                other += laneCount
            }
            for channel in 0..<8 {
                a[channel].store(to: to, channel &* laneCount)
                if paired { b[channel].store(to: to + nextTarget, channel &* laneCount) }
            }
        }
    }
}
