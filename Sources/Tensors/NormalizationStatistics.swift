/// Joins the moments of single images into those of the batch.
package enum NormalizationStatistics {
    /// Mean and biased variance of each of C channels over `images` images of `size` values each, from the images' means
    /// and sums of squared deviations (`[image][C]`): M₂ = Σ M₂ᵢ + size·Σ(meanᵢ − mean)² (Chan, Golub, LeVeque 1979).
    package static func join(
        means: UnsafePointer<Double>, squares: UnsafePointer<Double>, images: Int, size: Int, channels: Int,
        mean: UnsafeMutablePointer<Double>, variance: UnsafeMutablePointer<Double>
    ) {
        for channel in stride(from: 0, to: channels, by: laneCount) {
            var sum = SIMD16<Double>()
            for image in 0..<images { sum += vector(means, (image &* channels) &+ channel) }
            let center = sum / Double(images)
            var spread = SIMD16<Double>()
            for image in 0..<images {
                let place = (image &* channels) &+ channel
                let distance = vector(means, place) - center
                spread += vector(squares, place) + distance * distance * Double(size)
            }
            let biased = spread / Double(images * size)
            for lane in 0..<laneCount {
                mean[channel &+ lane] = center[lane]
                variance[channel &+ lane] = biased[lane]
            }
        }
    }

    /// total[c] = Σ over images of values[image][c].
    package static func sum(
        _ values: UnsafePointer<Double>, images: Int, channels: Int, into total: UnsafeMutablePointer<Double>
    ) {
        for channel in stride(from: 0, to: channels, by: laneCount) {
            var sum = SIMD16<Double>()
            for image in 0..<images { sum += vector(values, (image &* channels) &+ channel) }
            for lane in 0..<laneCount { total[channel &+ lane] = sum[lane] }
        }
    }

    @inline(__always)
    private static func vector(_ values: UnsafePointer<Double>, _ offset: Int) -> SIMD16<Double> {
        UnsafeRawPointer(values).loadUnaligned(fromByteOffset: offset &* 8, as: SIMD16<Double>.self)
    }
}
