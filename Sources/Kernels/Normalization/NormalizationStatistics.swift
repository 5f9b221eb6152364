import Tensors

/// The moments of a batch from those of single images.
package enum NormalizationStatistics {
    /// Mean and biased variance of each of C channels over `images` images of `size` values each, from the images' means
    /// and sums of squared deviations (`[image][C]`): M₂ = Σ M₂ᵢ + size·Σ(meanᵢ − mean)² (Chan, Golub, LeVeque 1979).
    package static func join(
        means: UnsafePointer<Double>, squares: UnsafePointer<Double>, images: Int, size: Int, channels: Int,
        mean: UnsafeMutablePointer<Double>, variance: UnsafeMutablePointer<Double>
    ) {
        for channel in stride(from: 0, to: channels, by: laneCount) {
            var sum = SIMD16<Double>()
            for image in 0..<images { sum += SIMD16(at: means, (image &* channels) &+ channel) }
            let center = sum / Double(images)
            var spread = SIMD16<Double>()
            for image in 0..<images {
                let place = (image &* channels) &+ channel
                let distance = SIMD16(at: means, place) - center
                spread += SIMD16(at: squares, place) + distance * distance * Double(size)
            }
            let biased = spread / Double(images * size)
            center.store(to: mean, channel)
            biased.store(to: variance, channel)
        }
    }

    /// total[c] = Σ over images of values[image][c].
    package static func sum(
        _ values: UnsafePointer<Double>, images: Int, channels: Int, into total: UnsafeMutablePointer<Double>
    ) {
        for channel in stride(from: 0, to: channels, by: laneCount) {
            var sum = SIMD16<Double>()
            for image in 0..<images { sum += SIMD16(at: values, (image &* channels) &+ channel) }
            sum.store(to: total, channel)
        }
    }
}
