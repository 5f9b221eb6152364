import CInstructionSet

/// Sixteen channels of one pixel, the unit every kernel works in: one AVX-512 register, two of AVX2, four of NEON.
package typealias Lanes = SIMD16<Float>

/// How many channels one `Lanes` holds; activations and weights are padded to a multiple of it.
package let laneCount = 16

extension Lanes {
    /// `self += a · b`, fused where the CPU can do it in one instruction and rounded twice where it can't.
    @inline(__always)
    mutating func accumulate(_ a: Lanes, _ b: Lanes) {
        if normscope_has_fused_multiply_add() != 0 {
            addProduct(a, b)
        } else {
            self += a * b
        }
    }

    @inline(__always)
    var rectified: Lanes { raised(to: Lanes()) }

    /// The larger of each lane and `floor`'s; NaN stays NaN.
    @inline(__always)
    func raised(to floor: Lanes) -> Lanes { replacing(with: floor, where: self .< floor) }

    /// Lanes from memory; `pointer` is aligned to a `Lanes`.
    @inline(__always)
    package init(at pointer: UnsafePointer<Float>, _ offset: Int = 0) {
        self = UnsafeRawPointer(pointer).load(fromByteOffset: offset &* 4, as: Lanes.self)
    }

    @inline(__always)
    package init(at pointer: UnsafeMutablePointer<Float>, _ offset: Int = 0) {
        self = UnsafeRawPointer(pointer).load(fromByteOffset: offset &* 4, as: Lanes.self)
    }

    /// Lanes that may begin anywhere, and cross from one line of the cache into the next.
    @inline(__always)
    init(unalignedAt pointer: UnsafePointer<Float>, _ offset: Int = 0) {
        self = UnsafeRawPointer(pointer).loadUnaligned(fromByteOffset: offset &* 4, as: Lanes.self)
    }

    /// One number in all lanes. The load goes through a raw pointer: a typed one may be moved above the stores of other
    /// lanes, and forty such broadcasts then wait in memory instead of in the multiply-add that uses them.
    @inline(__always)
    init(broadcast pointer: UnsafePointer<Float>, _ offset: Int = 0) {
        self.init(repeating: UnsafeRawPointer(pointer).load(fromByteOffset: offset &* 4, as: Float.self))
    }

    @inline(__always)
    package func store(to pointer: UnsafeMutablePointer<Float>, _ offset: Int = 0) {
        UnsafeMutableRawPointer(pointer).storeBytes(of: self, toByteOffset: offset &* 4, as: Lanes.self)
    }

    /// Asks the memory for lanes that will be needed soon. The address may lie outside of any buffer.
    @inline(__always)
    static func prefetch(_ pointer: UnsafePointer<Float>, _ offset: Int) {
        normscope_prefetch(UnsafeRawPointer(pointer) + offset &* 4)
    }

    /// The sum of all lanes, in a fixed order: halves onto each other.
    @inline(__always)
    var total: Float { quarter.total }

    /// The totals of four vectors.
    @inline(__always)
    static func totals(_ a: Lanes, _ b: Lanes, _ c: Lanes, _ d: Lanes) -> SIMD4<Float> {
        a.quarter.halves(with: b.quarter).neighbours(with: c.quarter.halves(with: d.quarter))
    }

    /// The first half of `total`'s way: lane i is the sum of lanes i, i + 4, i + 8, i + 12.
    @inline(__always)
    private var quarter: SIMD4<Float> {
        let eight = lowHalf + highHalf
        return eight.lowHalf + eight.highHalf
    }
}

/// Half of the lanes: one register of AVX2.
typealias HalfLanes = SIMD8<Float>

extension HalfLanes {
    /// `self += a · b`, as for `Lanes`.
    @inline(__always)
    mutating func accumulate(_ a: HalfLanes, _ b: HalfLanes) {
        if normscope_has_fused_multiply_add() != 0 {
            addProduct(a, b)
        } else {
            self += a * b
        }
    }

    @inline(__always)
    init(unalignedAt pointer: UnsafePointer<Float>, _ offset: Int = 0) {
        self = UnsafeRawPointer(pointer).loadUnaligned(fromByteOffset: offset &* 4, as: HalfLanes.self)
    }

    @inline(__always)
    func store(to pointer: UnsafeMutablePointer<Float>, _ offset: Int = 0) {
        UnsafeMutableRawPointer(pointer).storeBytes(of: self, toByteOffset: offset &* 4, as: HalfLanes.self)
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

extension SIMD16<Double> {
    /// `self += a · b`, as for `Lanes`.
    @inline(__always)
    mutating func accumulate(_ a: Double, _ b: Self) {
        if normscope_has_fused_multiply_add() != 0 {
            addProduct(a, b)
        } else {
            self += a * b
        }
    }

    @inline(__always)
    package init(at pointer: UnsafePointer<Double>, _ offset: Int = 0) {
        self = UnsafeRawPointer(pointer).loadUnaligned(fromByteOffset: offset &* 8, as: SIMD16<Double>.self)
    }

    @inline(__always)
    package func store(to pointer: UnsafeMutablePointer<Double>, _ offset: Int = 0) {
        UnsafeMutableRawPointer(pointer).storeBytes(of: self, toByteOffset: offset &* 8, as: SIMD16<Double>.self)
    }
}

/// What this binary was built for, and whether this machine has it.
package enum InstructionSet {
    /// Whether a `Lanes` is one register and a tile may hold more than sixteen of them. Elsewhere a tile holds six at most,
    /// and whoever writes a kernel gives it a tile for each. The optimiser removes the one that doesn't apply.
    @inline(__always)
    static var hasWideRegisters: Bool { normscope_has_wide_registers() != 0 }

    /// False if kernels would stop with an illegal instruction here; a program should say so at its start.
    package static var fitsThisProcessor: Bool { normscope_cpu_fits() != 0 }
}
