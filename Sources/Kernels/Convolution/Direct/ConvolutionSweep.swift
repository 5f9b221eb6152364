import Tensors

/// One tap of a kernel into one input group: the offsets of its input and its weights, in floats from the tile's own.
struct Tap: BitwiseCopyable {
    let input: Int
    let weight: Int
}

/// The kind of values that are neighbours in memory where a tap points.
enum TapKind {
    /// Sixteen channels of a pixel.
    case channels
    /// One value of a plane.
    case value
    /// One value of a plane, and it, the next tap's and the one's after that are neighbours, as are their weights.
    case neighbours

    init(channelsPerTap: Int, _ taps: [Tap]) {
        let inThrees =
            taps.count % 3 == 0
            && taps.indices.allSatisfy { index in
                let first = taps[index / 3 * 3], distance = index % 3
                return taps[index].input == first.input + distance
                    && taps[index].weight == first.weight + distance * laneCount
            }
        self = channelsPerTap > 1 ? .channels : inThrees ? .neighbours : .value
    }
}

/// The start of a sweep, and the distances of its planes, rows and pixels, in floats.
struct SweepSteps: Equatable, Sendable {
    let origin: Int
    let plane: Int
    let row: Int
    let pixel: Int
}

/// A set of evenly spaced output positions that share a list of taps: all of them in a forward pass, one for each
/// residue of the stride in the gradient of the input.
struct Sweep: Equatable, Sendable {
    let extent: Extent
    let input: SweepSteps
    let output: SweepSteps
    let taps: Range<Int>

    func run(
        _ x: UnsafePointer<Float>, _ w: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?,
        _ y: UnsafeMutablePointer<Float>, _ convolution: DirectConvolution, paired: Bool,
        rectify: Bool
    ) {
        for z in 0..<extent.depth {
            for row in 0..<extent.height {
                let tile = convolution.tile(
                    at: x + input.origin + z * input.plane + row * input.row,
                    y + output.origin + z * output.plane + row * output.row, w, self, bias, rectify: rectify)
                tile.runRow(width: extent.width, paired: paired, convolution.tapKind)
            }
        }
    }

    /// Calls `body` with the offset of each row, in the input and in the output.
    @inline(__always)
    func forEachRow(_ body: (_ input: Int, _ output: Int) -> Void) {
        for z in 0..<extent.depth {
            for y in 0..<extent.height {
                body(
                    input.origin &+ (z &* input.plane) &+ (y &* input.row),
                    output.origin &+ (z &* output.plane) &+ (y &* output.row))
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
            input: SweepSteps(
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
    fileprivate func steps(from start: Extent, stride: Extent) -> SweepSteps {
        SweepSteps(
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
