import Tensors

/// Sums over partial gradients, and the optimizers' steps, over ranges of a flat array of parameters.
///
/// Ranges begin and end at a multiple of sixteen.
package enum ParameterKernel {
    /// total[i] = Σ over `parts` of partial[part·stride + i], in order.
    package static func sum(
        _ partial: UnsafePointer<Float>, parts: Int, stride: Int, into total: UnsafeMutablePointer<Float>,
        range: Range<Int>
    ) {
        for index in Swift.stride(from: range.lowerBound, to: range.upperBound, by: laneCount) {
            var sum = Vector16(at: partial, index)
            for part in 1..<max(parts, 1) { sum += Vector16(at: partial, (part &* stride) &+ index) }
            sum.store(to: total, index)
        }
    }

    /// The sum of squares of a range of some thousands, NaN or infinite if one of its values is.
    package static func squares(_ values: UnsafePointer<Float>, range: Range<Int>) -> Double {
        var sums = InlineArray<4, Vector16>(repeating: Vector16()), index = range.lowerBound
        while index + 4 * laneCount <= range.upperBound {
            for part in 0..<4 {
                let value = Vector16(at: values, index &+ part &* laneCount)
                sums[part].accumulate(value, value)
            }
            index += 4 * laneCount
        }
        for rest in stride(from: index, to: range.upperBound, by: laneCount) {
            let value = Vector16(at: values, rest)
            sums[0].accumulate(value, value)
        }
        return SIMD16<Double>((sums[0] + sums[1]) + (sums[2] + sums[3])).sum()
    }

    /// torch.optim.SGD: g += weightDecay·p; b = momentum·b + (1 − dampening)·g (b = g in the first step);
    /// g = nesterov ? g + momentum·b : b; p −= rate·g.
    package struct MomentumStep: Sendable {
        package var rate: Float
        package var momentum: Float
        package var dampening: Float
        package var weightDecay: Float
        package var nesterov: Bool
        package var isFirst: Bool
        /// What gradients are multiplied by before anything else: less than 1 where they are clipped.
        package var gradientScale: Float

        package init(
            rate: Float, momentum: Float, dampening: Float, weightDecay: Float, nesterov: Bool, isFirst: Bool,
            gradientScale: Float = 1
        ) {
            self.rate = rate
            self.momentum = momentum
            self.dampening = dampening
            self.weightDecay = weightDecay
            self.nesterov = nesterov
            self.isFirst = isFirst
            self.gradientScale = gradientScale
        }

        package func run(
            _ parameters: UnsafeMutablePointer<Float>, _ gradients: UnsafePointer<Float>,
            _ buffers: UnsafeMutablePointer<Float>, range: Range<Int>
        ) {
            let keep = isFirst ? 0 : momentum, take = isFirst ? 1 : 1 - dampening
            for index in Swift.stride(from: range.lowerBound, to: range.upperBound, by: laneCount) {
                let value = Vector16(at: parameters, index)
                var gradient = Vector16(at: gradients, index) * gradientScale
                gradient.accumulate(value, Vector16(repeating: weightDecay))
                if momentum != 0 {
                    var buffer = gradient * take
                    buffer.accumulate(Vector16(at: buffers, index), Vector16(repeating: keep))
                    buffer.store(to: buffers, index)
                    if nesterov {
                        gradient.accumulate(buffer, Vector16(repeating: momentum))
                    } else {
                        gradient = buffer
                    }
                }
                var next = value
                next.accumulate(gradient, Vector16(repeating: -rate))
                next.store(to: parameters, index)
            }
        }
    }

    /// torch.optim.Adam and AdamW: m = β₁·m + (1−β₁)·g; v = β₂·v + (1−β₂)·g²;
    /// p −= rate/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε). Adam adds weightDecay·p to g first; AdamW takes rate·weightDecay·p off p.
    package struct AdaptiveStep: Sendable {
        package var rate: Double
        package var beta1: Double
        package var beta2: Double
        package var epsilon: Double
        package var weightDecay: Double
        package var isDecoupled: Bool
        /// t: 1 in the first step.
        package var step: Int
        package var gradientScale: Double

        package init(
            rate: Double, beta1: Double, beta2: Double, epsilon: Double, weightDecay: Double, isDecoupled: Bool,
            step: Int, gradientScale: Double
        ) {
            self.rate = rate
            self.beta1 = beta1
            self.beta2 = beta2
            self.epsilon = epsilon
            self.weightDecay = weightDecay
            self.isDecoupled = isDecoupled
            self.step = step
            self.gradientScale = gradientScale
        }

        package func run(
            _ parameters: UnsafeMutablePointer<Float>, _ gradients: UnsafePointer<Float>,
            _ mean: UnsafeMutablePointer<Float>, _ square: UnsafeMutablePointer<Float>, range: Range<Int>
        ) {
            let correction1 = 1 - power(beta1), correction2 = (1 - power(beta2)).squareRoot()
            let size = Float(rate / correction1), root = Float(1 / correction2), epsilon = Float(epsilon)
            let keep1 = Float(beta1), take1 = Float(1 - beta1), keep2 = Float(beta2), take2 = Float(1 - beta2)
            let shrink = isDecoupled ? Float(1 - rate * weightDecay) : 1
            let decay = isDecoupled ? 0 : Float(weightDecay), scale = Float(gradientScale)
            for index in Swift.stride(from: range.lowerBound, to: range.upperBound, by: laneCount) {
                let value = Vector16(at: parameters, index) * shrink
                var gradient = Vector16(at: gradients, index) * scale
                gradient.accumulate(value, Vector16(repeating: decay))
                let m = Vector16(at: mean, index) * keep1 + gradient * take1
                let v = Vector16(at: square, index) * keep2 + gradient * gradient * take2
                m.store(to: mean, index)
                v.store(to: square, index)
                (value - m * size / (v.squareRoot() * root + epsilon)).store(to: parameters, index)
            }
        }

        /// base^step, by repeated squaring.
        private func power(_ base: Double) -> Double {
            var result = 1.0, factor = base, left = step
            while left > 0 {
                if left & 1 == 1 { result *= factor }
                factor *= factor
                left >>= 1
            }
            return result
        }
    }
}
