import Tensors

/// Batch normalization of one image at a time (y = γ·(x−μ)/√(σ²+ε)+β), with the sums over the batch in between.
///
/// C is the padded number of channels; statistics are one number a channel. Rows are walked with the sums in registers
/// and promoted to Double after each row, so that long sums don't lose digits.
package struct NormalizationKernel: Sendable {
    /// Raw input and normalized output, which differ in their halo.
    package let input: BlockedLayout
    package let output: BlockedLayout
    /// Gradient of the output and gradient of the input.
    package let outputGradient: BlockedLayout
    package let inputGradient: BlockedLayout

    package init(
        input: BlockedLayout, output: BlockedLayout, outputGradient: BlockedLayout, inputGradient: BlockedLayout
    ) {
        let all = [output, outputGradient, inputGradient]
        precondition(all.allSatisfy { $0.channels == input.channels && $0.extent == input.extent }, "layouts differ")
        self.input = input
        self.output = output
        self.outputGradient = outputGradient
        self.inputGradient = inputGradient
    }

    /// Mean and sum of squared deviations (M₂) of each channel of one image, C each.
    ///
    /// Sums are taken of x − x₀, x₀ being the image's first value of the channel: a mean far from zero then costs no
    /// digits of the variance.
    package func moments(
        _ x: UnsafePointer<Float>, mean: UnsafeMutablePointer<Double>, squares: UnsafeMutablePointer<Double>
    ) {
        let count = Double(input.extent.volume)
        for block in 0..<input.blocks {
            let shift = Vector16(at: x, input.row(block: block, 0, 0))
            var sum = SIMD16<Double>(), square = SIMD16<Double>()
            for z in 0..<input.extent.depth {
                for y in 0..<input.extent.height {
                    NormalizationRow.moments(
                        x + input.row(block: block, z, y), count: input.extent.width, shift: shift, sum: &sum,
                        square: &square)
                }
            }
            for lane in 0..<laneCount {
                mean[block &* laneCount &+ lane] = Double(shift[lane]) + sum[lane] / count
                squares[block &* laneCount &+ lane] = square[lane] - sum[lane] * sum[lane] / count
            }
        }
    }

    /// y = (x − mean)·scale + bias, and max(0, ·) of it if a ReLU follows.
    package func normalize(
        _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, mean: UnsafePointer<Float>,
        scale: UnsafePointer<Float>, bias: UnsafePointer<Float>, rectify: Bool
    ) {
        input.forEachRow(with: output) { block, from, to in
            let first = block &* laneCount
            NormalizationRow.normalize(
                x + from, into: y + to, count: input.extent.width, mean: mean + first, scale: scale + first,
                bias: bias + first, rectify: rectify)
        }
    }

    /// Σ dy and Σ dy·(x − mean) of each channel of one image, C each; where a ReLU follows, `dy` is first set to zero in
    /// place wherever the output is zero.
    package func gradientSums(
        x: UnsafePointer<Float>, dy: UnsafeMutablePointer<Float>, mean: UnsafePointer<Float>,
        scale: UnsafePointer<Float>, bias: UnsafePointer<Float>, rectified: Bool, sum: UnsafeMutablePointer<Double>,
        product: UnsafeMutablePointer<Double>
    ) {
        for block in 0..<input.blocks {
            var sums = SIMD16<Double>(), products = SIMD16<Double>()
            let first = block &* laneCount
            for z in 0..<input.extent.depth {
                for row in 0..<input.extent.height {
                    let gradient = dy + outputGradient.row(block: block, z, row)
                    NormalizationRow.gradientSums(
                        x: x + input.row(block: block, z, row), dy: gradient, masked: gradient,
                        count: input.extent.width, mean: mean + first, scale: scale + first, bias: bias + first,
                        rectified: rectified, sum: &sums, product: &products)
                }
            }
            for lane in 0..<laneCount {
                sum[block &* laneCount &+ lane] = sums[lane]
                product[block &* laneCount &+ lane] = products[lane]
            }
        }
    }

    /// dx = scale·(dy − offset − (x − mean)·slope), with scale = γ/√(σ²+ε) and, over the m values of the batch,
    /// offset = Σdy/m and slope = Σdy(x−μ)/(m(σ²+ε)); both zero where the statistics don't depend on the batch. `dx` may be
    /// `dy` if their layouts are equal.
    package func inputGradient(
        x: UnsafePointer<Float>, dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>,
        mean: UnsafePointer<Float>, scale: UnsafePointer<Float>, offset: UnsafePointer<Float>,
        slope: UnsafePointer<Float>
    ) {
        for block in 0..<input.blocks {
            let first = block &* laneCount
            for z in 0..<input.extent.depth {
                for row in 0..<input.extent.height {
                    NormalizationRow.inputGradient(
                        x: x + input.row(block: block, z, row), dy: dy + outputGradient.row(block: block, z, row),
                        into: dx + inputGradient.row(block: block, z, row), count: input.extent.width,
                        mean: mean + first, scale: scale + first, offset: offset + first, slope: slope + first)
                }
            }
        }
    }
}
