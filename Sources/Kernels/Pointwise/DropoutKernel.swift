import Tensors

/// Dropout of one image: sets values to zero at random and scales the others up by 1/(1−p).
///
/// Whether a value stays is a function of a key and of its place, and of nothing kept from one call to the next: the way
/// back draws the same mask again, and any number of threads draws the same.
package struct DropoutKernel: Sendable {
    private let threshold: UInt32
    private let scale: Float

    /// - Parameter probability: of becoming zero, 0…1.
    package init(probability: Double) {
        threshold = UInt32(min(probability * 0x1p32, 0x1p32 - 1))
        scale = probability < 1 ? Float(1 / (1 - probability)) : 0
    }

    package func run(
        _ x: UnsafePointer<Float>, _ from: BlockedLayout, into y: UnsafeMutablePointer<Float>, _ to: BlockedLayout,
        key: UInt64
    ) {
        let seed = UInt32(truncatingIfNeeded: key), other = UInt32(truncatingIfNeeded: key >> 32)
        let lanes = SIMD16<UInt32>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
        var vector: UInt32 = 0
        from.forEachRow(with: to) { _, source, target in
            for column in 0..<from.extent.width {
                var random = (lanes &+ (vector &* 16 &+ seed)) &* 0x9E37_79B1
                random ^= random &>> 15
                random = (random ^ other) &* 0x85EB_CA77
                random ^= random &>> 13
                random = random &* 0xC2B2_AE3D
                random ^= random &>> 16
                let value = Vector16(at: x + source, column &* laneCount) * scale
                value.replacing(with: Vector16(), where: random .< threshold).store(to: y + target, column &* laneCount)
                vector &+= 1
            }
        }
    }
}
