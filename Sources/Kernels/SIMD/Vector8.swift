import CInstructionSet

/// A vector of eight floats, half of a `Vector16`: one register of AVX2.
typealias Vector8 = SIMD8<Float>

extension Vector8 {
    /// `self += a · b`, as for `Vector16`.
    @inline(__always)
    mutating func accumulate(_ a: Vector8, _ b: Vector8) {
        if normscope_has_fused_multiply_add() != 0 {
            addProduct(a, b)
        } else {
            self += a * b
        }
    }

    @inline(__always)
    init(unalignedAt pointer: UnsafePointer<Float>, _ offset: Int = 0) {
        self = UnsafeRawPointer(pointer).loadUnaligned(fromByteOffset: offset &* 4, as: Vector8.self)
    }

    @inline(__always)
    func store(to pointer: UnsafeMutablePointer<Float>, _ offset: Int = 0) {
        UnsafeMutableRawPointer(pointer).storeBytes(of: self, toByteOffset: offset &* 4, as: Vector8.self)
    }
}
