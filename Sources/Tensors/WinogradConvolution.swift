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

    /// Floats of memory that whoever runs the kernel lends it: V, M and a strip.
    package var scratchCount: Int { transformedInputCount + transformedOutputCount + 6 * stripPitch * laneCount }
    private var transformedInputCount: Int { Self.frequencies * inputStep }
    private var transformedOutputCount: Int { Self.frequencies * outputStep }
    /// Floats from one frequency of V and of M to the next.
    var inputStep: Int { Self.step(input.blocks * capacity * laneCount) }
    var outputStep: Int { Self.step(output.blocks * capacity * laneCount) }
    /// Vectors from one row of a strip to the next.
    var stripPitch: Int { input.extent.width + 2 }

    /// Floats of U, the transformed weights `[36][O][I][16 in][16 out]`.
    package var weightCount: Int { Self.frequencies * frequencyStride }
    var frequencyStride: Int { Self.step(output.blocks * input.blocks * laneCount * laneCount) }

    /// One line of the cache more than a frequency takes: transforms read and write all 36 at once, and 36 lines whose
    /// distance is a power of two would all have to be in the same few places of the cache.
    static func step(_ count: Int) -> Int { count + laneCount }

    /// What stands where in the memory lent to the kernel.
    struct Scratch {
        let v: UnsafeMutablePointer<Float>
        let m: UnsafeMutablePointer<Float>
        let strip: UnsafeMutablePointer<Float>
    }

    func divide(_ scratch: UnsafeMutablePointer<Float>) -> Scratch {
        let m = scratch + transformedInputCount
        return Scratch(v: scratch, m: m, strip: m + transformedOutputCount)
    }

    /// y = conv(x) + bias for up to `group` images that stand side by side, and max(0, ·) of it if `rectify`.
    package func run(
        from x: UnsafePointer<Float>, images: Int, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
        to y: UnsafeMutablePointer<Float>, rectify: Bool = false, scratch: UnsafeMutablePointer<Float>
    ) {
        precondition(images <= group, "more images than there is room for")
        let memory = divide(scratch)
        transformInput(x, images: images, memory)
        for frequency in 0..<Self.frequencies {
            multiply(frequency, images * tilesPerImage, memory.v, weights, memory.m)
        }
        transformOutput(memory, images: images, bias: bias, rectify: rectify, into: y)
    }

    private func multiply(
        _ frequency: Int, _ tiles: Int, _ v: UnsafePointer<Float>, _ weights: UnsafePointer<Float>,
        _ m: UnsafeMutablePointer<Float>
    ) {
        let blockStride = capacity * laneCount, weightBlockStride = input.blocks * laneCount * laneCount
        let from = v + frequency * inputStep
        var block = 0
        while block < output.blocks {
            let paired = block + 1 < output.blocks
            let tile = ConvolutionTile(
                x: from, y: m + frequency * outputStep + block * blockStride,
                weights: weights + frequency * frequencyStride + block * weightBlockStride, bias: nil,
                taps: UnsafePointer(taps.base), tapCount: input.blocks, outputBlockStride: blockStride,
                weightBlockStride: weightBlockStride, inputPixel: laneCount, outputPixel: laneCount,
                floor: -.infinity)
            tile.runRow(width: tiles, paired: paired, .channels)
            block += paired ? 2 : 1
        }
    }
}
