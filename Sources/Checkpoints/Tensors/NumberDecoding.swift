/// Numbers of every type as doubles.
extension ElementType {
    /// - Precondition: the elements are as wide as the type says and in this machine's byte order.
    func doubles<Element: BitwiseCopyable>(_ elements: [Element]) -> [Double] {
        elements.withUnsafeBytes { bytes in
            let count = bytes.count / byteCount * (isComplex ? 2 : 1)
            return [Double](unsafeUninitializedCapacity: count) { buffer, initializedCount in
                decode(bytes, into: buffer.baseAddress, count)
                initializedCount = count
            }
        }
    }

    /// Decodes `count` numbers (a complex element is two) from `bytes` to `output`.
    ///
    /// - Precondition: both have room for them, and `bytes` is aligned for the type.
    func decode(_ bytes: UnsafeRawBufferPointer, into output: UnsafeMutablePointer<Double>?, _ count: Int) {
        guard let output, let base = bytes.baseAddress else { return }
        switch self {
        case .float64, .complex128: convert(base, output, count) { (value: Double) in value }
        case .float32, .complex64: convert(base, output, count) { (value: Float) in Double(value) }
        case .float16: convert(base, output, count) { (value: Float16) in Double(value) }
        case .bfloat16:
            convert(base, output, count) { (value: UInt16) in Double(Float(bitPattern: UInt32(value) << 16)) }
        case .float8e5m2: convert(base, output, count) { (value: UInt8) in Self.narrow5(value) }
        case .float8e4m3fn: convert(base, output, count) { (value: UInt8) in Self.narrow4(value) }
        case .int64: convert(base, output, count) { (value: Int64) in Double(value) }
        case .int32: convert(base, output, count) { (value: Int32) in Double(value) }
        case .int16: convert(base, output, count) { (value: Int16) in Double(value) }
        case .int8: convert(base, output, count) { (value: Int8) in Double(value) }
        case .uint64: convert(base, output, count) { (value: UInt64) in Double(value) }
        case .uint32: convert(base, output, count) { (value: UInt32) in Double(value) }
        case .uint16: convert(base, output, count) { (value: UInt16) in Double(value) }
        case .uint8: convert(base, output, count) { (value: UInt8) in Double(value) }
        case .bool: convert(base, output, count) { (value: UInt8) in value == 0 ? 0 : 1 }
        }
    }

    @inline(__always)
    private func convert<Source>(
        _ base: UnsafeRawPointer, _ output: UnsafeMutablePointer<Double>, _ count: Int, _ number: (Source) -> Double
    ) {
        let source = base.assumingMemoryBound(to: Source.self)
        for index in 0..<count { output[index] = number(source[index]) }
    }

    /// e5m2 is the upper byte of a float16.
    private static func narrow5(_ bits: UInt8) -> Double {
        Double(Float16(bitPattern: UInt16(bits) << 8))
    }

    /// e4m3fn: sign, 4 bits of exponent (bias 7), 3 of fraction; no infinity, and only all ones is not a number.
    private static func narrow4(_ bits: UInt8) -> Double {
        let sign: Double = bits & 0x80 == 0 ? 1 : -1
        let exponent = Int(bits >> 3 & 0xF)
        let fraction = Double(bits & 7) / 8
        if bits & 0x7F == 0x7F { return .nan }
        if exponent == 0 { return sign * fraction * 0x1p-6 }
        return sign * (1 + fraction) * Double(sign: .plus, exponent: exponent - 7, significand: 1)
    }
}
