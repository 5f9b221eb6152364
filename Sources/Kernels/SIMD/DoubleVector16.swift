import CInstructionSet

extension SIMD16<Double> {
    /// `self += a · b`, as for `Vector16`.
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
