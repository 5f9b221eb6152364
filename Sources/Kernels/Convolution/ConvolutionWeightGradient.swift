import Tensors

/// The gradient of a convolution's weights and bias: dW[out][in][tap] += Σ over pixels of dy[out]·x[in] at the tap.
///
/// The products of a tap are those of `ChannelProducts`.
///
/// Planar input has no neighbours to broadcast: there the nine taps of a 3×3 kernel are the accumulators of one channel,
/// and without wide registers five of them and then four.
package final class ConvolutionWeightGradient: Sendable {
    private let weights: ConvolutionWeights
    private let taps: [Tap]
    private let sweep: Sweep
    private let output: BlockedLayout
    private let inputRowStride: Int
    private let isPlanar3x3: Bool

    /// `input` as in the forward pass; `output` is the layout of the output's gradient.
    package init(_ geometry: ConvolutionGeometry, from input: ConvolutionInput, to output: BlockedLayout) {
        precondition(geometry.outputExtent(of: input.extent) == output.extent, "the output has another extent")
        weights = ConvolutionWeights(geometry, input: input)
        taps = Sweep.forwardTaps(geometry, weights, input)
        sweep = Sweep.forward(geometry, input, output, taps: 0..<taps.count)
        self.output = output
        inputRowStride = input.rowStride
        isPlanar3x3 =
            input.channelsPerTap == 1 && geometry.kernel == Extent(1, 3, 3) && geometry.dilation.width == 1
            && geometry.dilation.height == 1
    }

    /// Adds one image's share to `gradient`, laid out as the weights.
    package func accumulate(
        x: UnsafePointer<Float>, dy: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>
    ) {
        for block in stride(from: 0, to: output.blocks, by: 2) {
            let paired = block + 1 < output.blocks
            let target = gradient + block * weights.blockStride, source = dy + block * output.blockStride
            if isPlanar3x3 {
                accumulatePlanar(x, source, target)
                if paired { accumulatePlanar(x, source + output.blockStride, target + weights.blockStride) }
            } else if weights.channelsPerTap == 1 {
                accumulateSingles(x, source, target)
                if paired { accumulateSingles(x, source + output.blockStride, target + weights.blockStride) }
            } else {
                accumulateBlock(x, source, target, paired: paired)
            }
        }
    }

    /// The share of some columns of one row of several images, for a two-dimensional 3×3 convolution on planes and one
    /// block of its outputs. `dy` begins at the first of the columns.
    package func accumulate(
        row: Int, columns: Range<Int>, images: Int, x: UnsafePointer<Float>, imageStride: Int,
        dy: UnsafePointer<Float>, dyStride: Int, block: Int, into gradient: UnsafeMutablePointer<Float>
    ) {
        precondition(isPlanar3x3, "rows are for 3×3 convolutions on planes")
        let first = x + sweep.input.origin + row * sweep.input.row + columns.lowerBound * sweep.input.pixel
        addNineTaps(to: gradient + block * weights.blockStride, width: columns.count) { body in
            for image in 0..<images { body(first + image &* imageStride, dy + image &* dyStride) }
        }
    }

    /// Adds the nine taps of each input channel × 1 output block over rows of x and dy that `forEachRow` goes through.
    @inline(__always)
    private func addNineTaps(
        to gradient: UnsafeMutablePointer<Float>, width: Int,
        _ forEachRow: ((_ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>) -> Void) -> Void
    ) {
        for channel in 0..<weights.inputGroups {
            let tap = taps[channel * 9]
            let target = gradient + tap.weight
            if InstructionSet.hasWideRegisters {
                var sums = InlineArray<9, Vector16>(repeating: Vector16())
                forEachRow { addRow($0 + tap.input, $1, width, from: 0, to: &sums) }
                add(sums, to: target)
            } else {
                var upper = InlineArray<5, Vector16>(repeating: Vector16())
                forEachRow { addRow($0 + tap.input, $1, width, from: 0, to: &upper) }
                add(upper, to: target)
                var lower = InlineArray<4, Vector16>(repeating: Vector16())
                forEachRow { addRow($0 + tap.input, $1, width, from: 5, to: &lower) }
                add(lower, to: target + 5 * laneCount)
            }
        }
    }

    /// A row's share of some taps of a 3×3 kernel, whose three columns stand side by side.
    @inline(__always)
    private func addRow<let count: Int>(
        _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ width: Int, from first: Int,
        to sums: inout InlineArray<count, Vector16>
    ) {
        let rowStride = inputRowStride &* weights.geometry.dilation.height
        var top = x, to = dy
        for _ in 0..<width {
            let value = Vector16(at: to)
            let middle = top + rowStride, bottom = middle + rowStride
            for index in 0..<count {
                let tap = first &+ index
                let row = tap < 3 ? top : tap < 6 ? middle : bottom
                sums[index].accumulate(value, Vector16(broadcast: row, tap % 3))
            }
            top += sweep.input.pixel
            to += laneCount
        }
    }

    /// Adds one image's share to the gradient of the bias, Σ dy.
    package func accumulateBias(_ dy: UnsafePointer<Float>, into bias: UnsafeMutablePointer<Float>) {
        for block in 0..<output.blocks {
            var sum = Vector16(at: bias, block &* laneCount)
            for z in 0..<output.extent.depth {
                for y in 0..<output.extent.height {
                    var row = Vector16()
                    let start = dy + output.row(block: block, z, y)
                    for x in 0..<output.extent.width { row += Vector16(at: start, x &* laneCount) }
                    sum += row
                }
            }
            sum.store(to: bias, block &* laneCount)
        }
    }

    private func accumulateBlock(
        _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>, paired: Bool
    ) {
        for tap in taps {
            ChannelProducts(
                x: x + tap.input, dy: dy, pixels: sweep, dyBlockStride: output.blockStride,
                gradient: gradient + tap.weight, gradientBlockStride: weights.blockStride, adding: true
            ).run(paired: paired)
        }
    }

    private func accumulatePlanar(
        _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>
    ) {
        addNineTaps(to: gradient, width: sweep.extent.width) { body in
            sweep.forEachRow { body(x + $0, dy + $1) }
        }
    }

    /// One tap of one input channel at a time, for kernels on images that aren't 3×3.
    private func accumulateSingles(
        _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>
    ) {
        for tap in taps {
            var sum = InlineArray<1, Vector16>(repeating: Vector16())
            sweep.forEachRow { input, output in
                var from = x + tap.input + input, to = dy + output
                for _ in 0..<sweep.extent.width {
                    sum[0].accumulate(Vector16(at: to), Vector16(broadcast: from))
                    from += sweep.input.pixel
                    to += laneCount
                }
            }
            add(sum, to: gradient + tap.weight)
        }
    }

    @inline(__always)
    private func add<let count: Int>(_ sums: InlineArray<count, Vector16>, to gradient: UnsafeMutablePointer<Float>) {
        for index in 0..<count {
            let sum = Vector16(at: gradient, index &* laneCount) + sums[index]
            sum.store(to: gradient, index &* laneCount)
        }
    }
}
