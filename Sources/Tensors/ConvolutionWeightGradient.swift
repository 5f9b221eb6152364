/// The gradient of a convolution's weights and bias: dW[out][in][tap] += Σ over pixels of dy[out]·x[in] at the tap.
///
/// Blocking: for one tap, 8 input channels × 2 output blocks stay in registers while all pixels of an image go by.
///
///                 dy of one pixel
///                  a     b            two Lanes
///        x0  ──► [  ]  [  ]
///        x1  ──► [  ]  [  ]           16 accumulators; the scalars x0…x7 stand side by side
///         ⋮       ⋮     ⋮             and are broadcast inside the multiply-add
///        x7  ──► [  ]  [  ]           16 + 2 = 18 registers
///
/// Planar input has no neighbours to broadcast: there the nine taps of a 3×3 kernel are the accumulators of one channel.
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
        let first = sweep.input.origin + row * sweep.input.row + columns.lowerBound * sweep.input.pixel
        let rowStride = inputRowStride &* weights.geometry.dilation.height
        for channel in 0..<weights.inputGroups {
            let tap = taps[channel * 9]
            let start = x + first + tap.input
            var sums = InlineArray<9, Lanes>(repeating: Lanes())
            for image in 0..<images {
                planarRow(
                    start + image &* imageStride, dy + image &* dyStride, rowStride, width: columns.count, &sums)
            }
            add(sums, to: gradient + block * weights.blockStride + tap.weight)
        }
    }

    @inline(__always)
    private func planarRow(
        _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ rowStride: Int, width: Int,
        _ sums: inout InlineArray<9, Lanes>
    ) {
        var top = x, to = dy
        for _ in 0..<width {
            let value = Lanes(at: to)
            let middle = top + rowStride, bottom = middle + rowStride
            for column in 0..<3 {
                sums[column].accumulate(value, Lanes(broadcast: top, column))
                sums[3 &+ column].accumulate(value, Lanes(broadcast: middle, column))
                sums[6 &+ column].accumulate(value, Lanes(broadcast: bottom, column))
            }
            top += sweep.input.pixel
            to += laneCount
        }
    }

    /// Adds one image's share to the gradient of the bias, Σ dy.
    package func accumulateBias(_ dy: UnsafePointer<Float>, into bias: UnsafeMutablePointer<Float>) {
        for block in 0..<output.blocks {
            var sum = Lanes(at: bias, block &* laneCount)
            for z in 0..<output.extent.depth {
                for y in 0..<output.extent.height {
                    var row = Lanes()
                    let start = dy + output.row(block: block, z, y)
                    for x in 0..<output.extent.width { row += Lanes(at: start, x &* laneCount) }
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
            for half in 0..<2 {
                let from = x + tap.input + half * 8, to = gradient + tap.weight + half * 8 * laneCount
                switch (paired, sweep.input.pixel) {
                case (true, laneCount): pair(from, dy, to, stride: laneCount)
                case (true, _): pair(from, dy, to, stride: sweep.input.pixel)
                case (false, _) where half == 0: single(from, dy, to, stride: sweep.input.pixel)
                default: break
                }
            }
        }
    }

    @inline(__always)
    private func forEachRow(_ body: (_ input: Int, _ output: Int) -> Void) {
        for z in 0..<sweep.extent.depth {
            for y in 0..<sweep.extent.height {
                body(
                    sweep.input.origin &+ (z &* sweep.input.plane) &+ (y &* sweep.input.row),
                    sweep.output.origin &+ (z &* sweep.output.plane) &+ (y &* sweep.output.row))
            }
        }
    }

    /// 8 input channels × 2 output blocks.
    @inline(__always)
    private func pair(
        _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>, stride: Int
    ) {
        var a = InlineArray<8, Lanes>(repeating: Lanes()), b = a
        let other = output.blockStride
        forEachRow { input, output in
            var from = x + input, to = dy + output
            for _ in 0..<sweep.extent.width {
                let dyA = Lanes(at: to), dyB = Lanes(at: to + other)
                for channel in 0..<8 {
                    let value = Lanes(broadcast: from, channel)
                    a[channel].accumulate(dyA, value)
                    b[channel].accumulate(dyB, value)
                }
                from += stride
                to += laneCount
            }
        }
        add(a, to: gradient)
        add(b, to: gradient + weights.blockStride)
    }

    /// 16 input channels × 1 output block.
    @inline(__always)
    private func single(
        _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>, stride: Int
    ) {
        var a = InlineArray<16, Lanes>(repeating: Lanes())
        forEachRow { input, output in
            var from = x + input, to = dy + output
            for _ in 0..<sweep.extent.width {
                let dyA = Lanes(at: to)
                for channel in 0..<16 { a[channel].accumulate(dyA, Lanes(broadcast: from, channel)) }
                from += stride
                to += laneCount
            }
        }
        add(a, to: gradient)
    }

    /// The nine taps of one input channel × 1 output block; a tap's three columns stand side by side.
    private func accumulatePlanar(
        _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>
    ) {
        let rowStride = inputRowStride &* weights.geometry.dilation.height
        for channel in 0..<weights.inputGroups {
            let tap = taps[channel * 9]
            var sums = InlineArray<9, Lanes>(repeating: Lanes())
            forEachRow { input, output in
                planarRow(x + tap.input + input, dy + output, rowStride, width: sweep.extent.width, &sums)
            }
            add(sums, to: gradient + tap.weight)
        }
    }

    /// One tap of one input channel at a time, for kernels at the entrance that aren't 3×3.
    private func accumulateSingles(
        _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>
    ) {
        for tap in taps {
            var sum = InlineArray<1, Lanes>(repeating: Lanes())
            forEachRow { input, output in
                var from = x + tap.input + input, to = dy + output
                for _ in 0..<sweep.extent.width {
                    sum[0].accumulate(Lanes(at: to), Lanes(broadcast: from))
                    from += sweep.input.pixel
                    to += laneCount
                }
            }
            add(sum, to: gradient + tap.weight)
        }
    }

    @inline(__always)
    private func add<let count: Int>(_ sums: InlineArray<count, Lanes>, to gradient: UnsafeMutablePointer<Float>) {
        for index in 0..<count {
            let sum = Lanes(at: gradient, index &* laneCount) + sums[index]
            sum.store(to: gradient, index &* laneCount)
        }
    }
}
