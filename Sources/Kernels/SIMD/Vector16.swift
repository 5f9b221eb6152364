import CInstructionSet

/// A vector of sixteen floats, the unit every kernel works in: one AVX-512 register, two of AVX2, four of NEON. Mostly it holds
/// sixteen channels of one pixel.
package typealias Vector16 = SIMD16<Float>

extension Vector16 {
    /// `self += a · b`, fused where the CPU can do it in one instruction and rounded twice where it can't.
    @inline(__always)
    mutating func accumulate(_ a: Vector16, _ b: Vector16) {
        if normscope_has_fused_multiply_add() != 0 {
            addProduct(a, b)
        } else {
            self += a * b
        }
    }

    @inline(__always)
    var rectified: Vector16 { raised(to: Vector16()) }

    /// The larger of each lane and `floor`'s; NaN stays NaN.
    @inline(__always)
    func raised(to floor: Vector16) -> Vector16 { replacing(with: floor, where: self .< floor) }

    /// A vector from memory; `pointer` is aligned to a `Vector16`.
    @inline(__always)
    package init(at pointer: UnsafePointer<Float>, _ offset: Int = 0) {
        self = UnsafeRawPointer(pointer).load(fromByteOffset: offset &* 4, as: Vector16.self)
    }

    @inline(__always)
    package init(at pointer: UnsafeMutablePointer<Float>, _ offset: Int = 0) {
        self = UnsafeRawPointer(pointer).load(fromByteOffset: offset &* 4, as: Vector16.self)
    }

    /// A vector that may begin anywhere, and cross from one line of the cache into the next.
    @inline(__always)
    init(unalignedAt pointer: UnsafePointer<Float>, _ offset: Int = 0) {
        self = UnsafeRawPointer(pointer).loadUnaligned(fromByteOffset: offset &* 4, as: Vector16.self)
    }

    /// One number in all lanes. The load goes through a raw pointer: a typed one may be moved above the stores of other
    /// lanes, and forty such broadcasts then wait in memory instead of in the multiply-add that uses them.
    @inline(__always)
    init(broadcast pointer: UnsafePointer<Float>, _ offset: Int = 0) {
        self.init(repeating: UnsafeRawPointer(pointer).load(fromByteOffset: offset &* 4, as: Float.self))
    }

    @inline(__always)
    package func store(to pointer: UnsafeMutablePointer<Float>, _ offset: Int = 0) {
        UnsafeMutableRawPointer(pointer).storeBytes(of: self, toByteOffset: offset &* 4, as: Vector16.self)
    }

    /// Asks the memory for a vector that will be needed soon. The address may lie outside of any buffer.
    @inline(__always)
    static func prefetch(_ pointer: UnsafePointer<Float>, _ offset: Int) {
        normscope_prefetch(UnsafeRawPointer(pointer) + offset &* 4)
    }

    /// The sum of all lanes, in a fixed order: halves onto each other.
    @inline(__always)
    var total: Float { quarter.total }

    /// The totals of four vectors.
    @inline(__always)
    static func totals(_ a: Vector16, _ b: Vector16, _ c: Vector16, _ d: Vector16) -> SIMD4<Float> {
        a.quarter.halves(with: b.quarter).neighbours(with: c.quarter.halves(with: d.quarter))
    }

    /// The first half of `total`'s way: lane i is the sum of lanes i, i + 4, i + 8, i + 12.
    @inline(__always)
    private var quarter: SIMD4<Float> {
        let eight = lowHalf + highHalf
        return eight.lowHalf + eight.highHalf
    }
}

extension SIMD4<Float> {
    @inline(__always)
    fileprivate var total: Float {
        let two = lowHalf + highHalf
        return two.x + two.y
    }

    /// Lanes i and i + 2 onto each other, here and there.
    @inline(__always)
    fileprivate func halves(with other: Self) -> Self {
        SIMD4(self[0], self[1], other[0], other[1]) + SIMD4(self[2], self[3], other[2], other[3])
    }

    /// Lanes 0 and 1, 2 and 3 onto each other, here and there.
    @inline(__always)
    fileprivate func neighbours(with other: Self) -> Self {
        SIMD4(self[0], self[2], other[0], other[2]) + SIMD4(self[1], self[3], other[1], other[3])
    }
}
