/// Sums over lanes and steps of the optimizer, over ranges of a flat array of parameters.
///
/// Ranges begin and end at a multiple of sixteen.
package enum ParameterKernel {
    /// total[i] = Σ over `parts` of partial[part·stride + i], in order.
    package static func sum(
        _ partial: UnsafePointer<Float>, parts: Int, stride: Int, into total: UnsafeMutablePointer<Float>,
        range: Range<Int>
    ) {
        for index in Swift.stride(from: range.lowerBound, to: range.upperBound, by: laneCount) {
            var sum = Lanes(at: partial, index)
            for part in 1..<max(parts, 1) { sum += Lanes(at: partial, (part &* stride) &+ index) }
            sum.store(to: total, index)
        }
    }

    package static func fill(_ values: UnsafeMutablePointer<Float>, range: Range<Int>) {
        (values + range.lowerBound).update(repeating: 0, count: range.count)
    }

    /// The sum of squares of a range, NaN or infinite if one of its values is.
    package static func squares(_ values: UnsafePointer<Float>, range: Range<Int>) -> Double {
        var total = 0.0
        for start in Swift.stride(from: range.lowerBound, to: range.upperBound, by: 16 * laneCount) {
            var sum = Lanes()
            for index in Swift.stride(
                from: start, to: min(start &+ 16 &* laneCount, range.upperBound), by: laneCount)
            {
                let value = Lanes(at: values, index)
                sum.accumulate(value, value)
            }
            total += Double(sum.total)
        }
        return total
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
                let value = Lanes(at: parameters, index)
                var gradient = Lanes(at: gradients, index) * gradientScale
                gradient.accumulate(value, Lanes(repeating: weightDecay))
                if momentum != 0 {
                    var buffer = gradient * take
                    buffer.accumulate(Lanes(at: buffers, index), Lanes(repeating: keep))
                    buffer.store(to: buffers, index)
                    if nesterov {
                        gradient.accumulate(buffer, Lanes(repeating: momentum))
                    } else {
                        gradient = buffer
                    }
                }
                var next = value
                next.accumulate(gradient, Lanes(repeating: -rate))
                next.store(to: parameters, index)
            }
        }
    }
}
