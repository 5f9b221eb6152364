import Tensors

/// A 3×3 convolution of stride 1 and padding 1 by F(4×4, 3×3): a quarter of the products, for images whose sides are
/// multiples of four. Forward, the gradient of the input (the same with other weights), and the gradient of the weights.
///
/// T tiles of 4×4 outputs, of one or more images; 36 frequencies; I input and O output blocks of sixteen channels, of which
/// a chunk of K is taken at a time.
///
///        image               V [36][I][T][16]          M [36][K][T][16]          image
///     ┌──────────┐  Bᵀ d B   ┌───────────────┐  · U   ┌───────────────┐  Aᵀ m A  ┌──────────┐
///     │ 6×6 every│ ────────► │ a row of T    │ ─────► │ a row of T    │ ───────► │ 4×4 tiles│
///     │ 4 pixels │   once    │ "pixels"      │   ▲    │ "pixels"      │  of each │          │
///     └──────────┘           └───────────────┘   │    └───────────────┘   chunk  └──────────┘
///                                                │
///                       G g Gᵀ of the kernels    │
///                       [K][I][9][16][16] ─────► U [36][K][I][16][16]
///
/// U is four times as large as the kernels it is made of: what it costs to make it for the whole network, to write it to the
/// third-level cache and to read it from there, half of it from another core, is little for many images, but 7% of a VGG's
/// step of sixteen. So there are two ways (`WeightTransform`): U is made beforehand and all outputs are one chunk, or a thread makes U
/// for one or two output blocks at a time, which stay in its second-level cache, and reads V once for each of these chunks.
///
/// For one frequency the product is a 1×1 convolution over a row of T pixels, and runs in the direct convolution's tile.
/// The order is chunk, frequency, pair of output blocks, tiles: the weights of one frequency and pair stay in the first-level
/// cache.
///
/// A transform of one tile holds 36 vectors of sixteen channels, more than there are registers, and neighbouring tiles share
/// two of their six columns. So a whole strip of tiles is transformed at once, first every column of pixels into memory
/// that stays in the first-level cache, then every row of every tile:
///
///     W+2 columns of 6 pixels       strip [6][W+2][16]         6 rows of W/4 tiles
///     ┌┬┬┬┬┬┬┬┬┬┐   each column     ┌──────────────────┐   each row of 6     one stream of tiles
///     ││││││││││  ──────────────►   │ 6 frequencies    │ ──────────────►   for each frequency
///     └┴┴┴┴┴┴┴┴┴┘                   └──────────────────┘
package final class WinogradConvolution: Sendable {
    package let input: BlockedLayout
    package let output: BlockedLayout
    /// Images taken together: enough tiles for the products, few enough that V and M stay in the second-level cache.
    package let group: Int
    let tilesPerImage: Int
    let capacity: Int
    private let weightTransform: WeightTransform
    /// K.
    let chunk: Int
    private let taps: AlignedBuffer<Tap>

    package static let frequencies = 36

    /// When U, the transform of the weights, is made.
    package enum WeightTransform: Sendable {
        /// For many groups of images: `transform` makes U beforehand.
        case precomputed
        /// For one or a few groups of images: each makes its U anew.
        case onTheFly
    }

    /// Whether a convolution can be computed this way on an image of this extent.
    package static func fits(_ geometry: ConvolutionGeometry, extent: Extent) -> Bool {
        geometry.kernel == Extent(1, 3, 3) && geometry.stride == .one && geometry.dilation == .one
            && geometry.padding == Extent(0, 1, 1) && geometry.groups == 1 && extent.depth == 1
            && extent.height % 4 == 0 && extent.width % 4 == 0
    }

    /// `input` has a halo of at least one pixel. For the gradient of the input, `input` is the layout of the output's
    /// gradient, and `output` that of the input's.
    package init(input: BlockedLayout, output: BlockedLayout, weightTransform: WeightTransform) {
        precondition(
            input.extent == output.extent && input.halo.height >= 1 && input.halo.width >= 1, "the layouts don't fit")
        precondition(input.extent.height % 4 == 0 && input.extent.width % 4 == 0, "sides are multiples of four")
        self.input = input
        self.output = output
        tilesPerImage = input.extent.height / 4 * (input.extent.width / 4)
        group = min(max(32 / tilesPerImage, 1), 8)
        capacity = group * tilesPerImage
        self.weightTransform = weightTransform
        chunk = weightTransform == .precomputed ? output.blocks : min(input.blocks <= 4 ? 2 : 1, output.blocks)
        taps = AlignedBuffer(count: input.blocks)
        for block in 0..<input.blocks {
            taps[block] = Tap(input: block * capacity * laneCount, weight: block * laneCount * laneCount)
        }
    }

    /// Floats of scratch memory that a run needs: V, M, U and a strip.
    package var scratchCount: Int {
        Self.frequencies * (inputStep + outputStep) + (weightTransform == .onTheFly ? weightCount : 0)
            + 6 * stripPitch * laneCount
    }
    /// Floats from one frequency of V, of M and of U to the next.
    var inputStep: Int { Self.step(input.blocks * capacity * laneCount) }
    var outputStep: Int { Self.step(chunk * capacity * laneCount) }
    var weightStep: Int { Self.step(chunk * input.blocks * tileSize) }
    private var tileSize: Int { laneCount * laneCount }
    /// Vectors from one row of a strip to the next.
    var stripPitch: Int { input.extent.width + 2 }

    /// Floats of U of a chunk, `[36][K][I][16 in][16 out]`.
    package var weightCount: Int { Self.frequencies * weightStep }

    /// One line of the cache more than a frequency takes: transforms read and write all 36 at once, and 36 lines whose
    /// distance is a power of two would all have to be in the same few places of the cache.
    static func step(_ count: Int) -> Int { count + laneCount }

    /// The parts of the scratch memory; U only if weights are transformed on the fly.
    struct Scratch {
        let v: UnsafeMutablePointer<Float>
        let m: UnsafeMutablePointer<Float>
        let u: UnsafeMutablePointer<Float>
        let strip: UnsafeMutablePointer<Float>
    }

    func divide(_ scratch: UnsafeMutablePointer<Float>) -> Scratch {
        let m = scratch + Self.frequencies * inputStep, strip = m + Self.frequencies * outputStep
        return Scratch(v: scratch, m: m, u: strip + 6 * stripPitch * laneCount, strip: strip)
    }

    /// U of the output blocks of `range`, from kernels `[O][I][9 taps][16][16]`; `flipped` turns them by 180°, as the
    /// gradient of the input needs them. Both pointers are those of all blocks; for weights that are precomputed.
    package func transform(
        _ kernels: UnsafePointer<Float>, outputBlocks range: Range<Int>, flipped: Bool,
        into transformed: UnsafeMutablePointer<Float>
    ) {
        precondition(weightTransform == .precomputed, "weights are transformed on the fly when they are used")
        transformChunk(kernels, range, flipped, into: transformed + range.lowerBound * input.blocks * tileSize)
    }

    private func transformChunk(
        _ kernels: UnsafePointer<Float>, _ blocks: Range<Int>, _ flipped: Bool,
        into u: UnsafeMutablePointer<Float>
    ) {
        WinogradWeights(step: weightStep).transform(
            kernels + blocks.lowerBound * input.blocks * 9 * tileSize, tiles: blocks.count * input.blocks, into: u,
            flipped: flipped)
    }

    /// The weights of a run, transformed or not.
    package enum Weights {
        /// As `transform` takes them, for weights that are transformed on the fly.
        case kernels(UnsafePointer<Float>, flipped: Bool)
        /// As `transform` leaves them, for weights that are precomputed.
        case transformed(UnsafePointer<Float>)
    }

    /// y = conv(x) + bias for up to `group` images that stand side by side, and max(0, ·) of it if `rectify`.
    package func run(
        from x: UnsafePointer<Float>, images: Int, weights: Weights, bias: UnsafePointer<Float>?,
        to y: UnsafeMutablePointer<Float>, rectify: Bool = false, scratch: UnsafeMutablePointer<Float>
    ) {
        precondition(images <= group, "more images than there is room for")
        let memory = divide(scratch)
        transformInput(x, images: images, memory)
        forEachChunk { blocks in
            let u = chunkWeights(weights, blocks, memory)
            for frequency in 0..<Self.frequencies {
                multiply(frequency, images * tilesPerImage, memory, u, blocks.count)
            }
            transformOutput(memory, blocks, images: images, bias: bias, rectify: rectify, into: y)
        }
    }

    @inline(__always)
    func forEachChunk(_ body: (_ blocks: Range<Int>) -> Void) {
        for first in stride(from: 0, to: output.blocks, by: chunk) { body(first..<min(first + chunk, output.blocks)) }
    }

    private func chunkWeights(_ weights: Weights, _ blocks: Range<Int>, _ memory: Scratch) -> UnsafePointer<Float> {
        switch (weights, weightTransform) {
        case (.transformed(let u), .precomputed):
            return u
        case (.kernels(let kernels, let flipped), .onTheFly):
            transformChunk(kernels, blocks, flipped, into: memory.u)
            return UnsafePointer(memory.u)
        default:
            preconditionFailure("weights are transformed beforehand if and only if they are precomputed")
        }
    }

    private func multiply(
        _ frequency: Int, _ tiles: Int, _ memory: Scratch, _ u: UnsafePointer<Float>, _ blocks: Int
    ) {
        let blockStride = capacity * laneCount, weightBlockStride = input.blocks * tileSize
        for block in stride(from: 0, to: blocks, by: 2) {
            let tile = ConvolutionTile(
                x: memory.v + frequency * inputStep, y: memory.m + frequency * outputStep + block * blockStride,
                weights: u + frequency * weightStep + block * weightBlockStride, bias: nil,
                taps: UnsafePointer(taps.base), tapCount: input.blocks, outputBlockStride: blockStride,
                weightBlockStride: weightBlockStride, inputPixel: laneCount, outputPixel: laneCount,
                floor: -.infinity)
            tile.runRow(width: tiles, paired: block + 1 < blocks, .channels)
        }
    }
}
