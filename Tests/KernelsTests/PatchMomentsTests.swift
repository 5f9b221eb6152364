import Kernels
import Tensors
import Testing

/// Moments of patches against sums over every patch in double precision.
@Suite struct PatchMomentsTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let channels: Int
        let height: Int
        let width: Int
        let images: Int

        var testDescription: String { "\(images)×\(channels)×\(height)×\(width)" }
        var layout: PlanarLayout {
            PlanarLayout(channels: channels, extent: Extent(1, height, width), halo: Extent(0, 1, 1))
        }
    }

    static let cases = [
        Case(channels: 1, height: 1, width: 8, images: 1), Case(channels: 1, height: 2, width: 9, images: 3),
        Case(channels: 2, height: 5, width: 15, images: 17), Case(channels: 3, height: 8, width: 16, images: 5),
        Case(channels: 3, height: 3, width: 17, images: 16), Case(channels: 4, height: 10, width: 31, images: 7),
        Case(channels: 3, height: 32, width: 32, images: 33), Case(channels: 1, height: 28, width: 28, images: 70),
        Case(channels: 2, height: 9, width: 48, images: 4),
    ]

    /// Images around a mean that is not zero, so that the zeros beyond the border are no average values.
    private static func images(_ shape: Case) -> AlignedBuffer<Float> {
        let layout = shape.layout, memory = AlignedBuffer<Float>(count: shape.images * layout.imageStride)
        var state: UInt32 = 2463534242
        let pixels = (0..<(shape.channels * shape.height * shape.width * shape.images)).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Float(state >> 8) / Float(1 << 24) * 2 - 0.7
        }
        for (index, pixel) in pixels.enumerated() {
            let (image, place) = index.quotientAndRemainder(dividingBy: layout.imageSize)
            memory[image * layout.imageStride + layout.offset(ofContiguous: place)] = pixel
        }
        return memory
    }

    private static func measured(_ shape: Case, _ images: AlignedBuffer<Float>, bands: Int) -> PatchMoments {
        let moments = PatchMoments(shape.layout, bands: bands)
        for band in 0..<bands {
            moments.begin(band: band)
            for row in (shape.height * band / bands)..<(shape.height * (band + 1) / bands) {
                moments.measure(row: row, band: band, images: images.base, count: shape.images)
            }
            moments.end(band: band)
        }
        moments.join(count: shape.images)
        return moments
    }

    /// Every patch, `[T]` each.
    private static func patches(_ shape: Case, _ images: AlignedBuffer<Float>) -> [[Double]] {
        let layout = shape.layout
        var patches: [[Double]] = []
        for image in 0..<shape.images {
            for y in 0..<shape.height {
                for x in 0..<shape.width {
                    patches.append(
                        (0..<(9 * shape.channels)).map { tap in
                            let row = layout.row(channel: tap / 9, 0, y + tap % 9 / 3 - 1)
                            return Double(images[image * layout.imageStride + row + x + tap % 3 - 1])
                        })
                }
            }
        }
        return patches
    }

    @Test(arguments: cases)
    func momentsOfOutputsAreThoseOfTheConvolution(_ shape: Case) {
        let images = Self.images(shape), moments = Self.measured(shape, images, bands: 3)
        let patches = Self.patches(shape, images), taps = moments.taps
        #expect(taps == 9 * shape.channels)
        let weights = AlignedBuffer<Float>(count: taps * 16), covariance = AlignedBuffer<Double>(count: taps * 16)
        for index in 0..<weights.count { weights[index] = Float((index * 37) % 101) / 50 - 1 }
        let output = moments.output(weights.base, covariance: covariance.base)
        let count = Double(patches.count)
        let means = (0..<taps).map { tap in patches.reduce(0) { $0 + $1[tap] } / count }
        for lane in [0, 7, 15] {
            let values = patches.map { patch in
                patch.indices.reduce(0) { $0 + patch[$1] * Double(weights[$1 * 16 + lane]) }
            }
            let mean = values.reduce(0, +) / count
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
            #expect(abs(output.mean[lane] - mean) < 1e-6 * (1 + abs(mean)))
            #expect(abs(output.variance[lane] - variance) < 1e-5 * variance + 1e-9)
            for tap in 0..<taps {
                let expected =
                    zip(patches, values).reduce(0) { $0 + ($1.0[tap] - means[tap]) * ($1.1 - mean) } / count
                #expect(abs(covariance[tap * 16 + lane] - expected) < 1e-5 * variance.squareRoot() + 1e-9)
            }
        }
    }

    @Test(arguments: cases)
    func productsWithAGradientLoseTheirMean(_ shape: Case) {
        let images = Self.images(shape), moments = Self.measured(shape, images, bands: 2)
        let patches = Self.patches(shape, images), taps = moments.taps, count = Double(patches.count)
        let weights = AlignedBuffer<Float>(count: taps * 16), products = AlignedBuffer<Double>(count: taps * 16)
        for index in 0..<weights.count { weights[index] = Float((index * 29) % 83) / 40 - 1 }
        let gradients = patches.indices.map { Double(($0 * 53) % 31) / 10 - 1 }
        for (patch, gradient) in zip(patches, gradients) {
            for tap in 0..<taps { products[tap * 16 + 3] += patch[tap] * gradient }
        }
        var sum = SIMD16<Double>()
        sum[3] = gradients.reduce(0, +)
        let total = moments.center(products.base, sum: sum, weights: weights.base)[3]
        let means = (0..<taps).map { tap in patches.reduce(0) { $0 + $1[tap] } / count }
        var expectedTotal = 0.0
        for tap in 0..<taps {
            let expected = zip(patches, gradients).reduce(0) { $0 + ($1.0[tap] - means[tap]) * $1.1 }
            #expect(abs(products[tap * 16 + 3] - expected) < 1e-5 * count)
            expectedTotal += expected * Double(weights[tap * 16 + 3])
        }
        #expect(abs(total - expectedTotal) < 1e-5 * count)
    }

    @Test func imagesThatAreConstantHaveNoVarianceButAtTheBorder() {
        let shape = Case(channels: 1, height: 12, width: 20, images: 2)
        let images = AlignedBuffer<Float>(count: 2 * shape.layout.imageStride)
        let moments = Self.measured(shape, images, bands: 1)
        let weights = AlignedBuffer<Float>(count: 9 * 16), covariance = AlignedBuffer<Double>(count: 9 * 16)
        weights.base.update(repeating: 1, count: weights.count)
        #expect(moments.output(weights.base, covariance: covariance.base).variance == SIMD16())
        for image in 0..<2 {
            for pixel in 0..<shape.layout.imageSize {
                images[image * shape.layout.imageStride + shape.layout.offset(ofContiguous: pixel)] = 1
            }
        }
        let output = Self.measured(shape, images, bands: 1).output(weights.base, covariance: covariance.base)
        // Nine inside, six along the edges, four in the corners.
        let (inside, edges, corners) = (10 * 18, 2 * (10 + 18), 4)
        let mean = Double(9 * inside + 6 * edges + 4 * corners) / 240
        #expect(abs(output.mean[0] - mean) < 1e-12)
        #expect(output.variance[0] > 0)
    }
}
