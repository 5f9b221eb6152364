/// The elements of each type: as raw memory (`tensor_content`), or in a field of their own.
extension TensorMessage {
    func read<Number>(
        _ content: UnsafeRawBufferPointer, _ numbers: inout [Number], _ convert: (Double) -> Number
    ) -> Bool {
        func each<Stored>(_: Stored.Type, _ value: (Stored) -> Double) -> Bool {
            let width = MemoryLayout<Stored>.size
            guard content.count == elementCount * width else { return false }
            numbers.reserveCapacity(elementCount)
            for index in 0..<elementCount {
                numbers.append(convert(value(content.loadUnaligned(fromByteOffset: index * width, as: Stored.self))))
            }
            return true
        }
        switch type {
        case .float: return each(UInt32.self) { Double(Float(bitPattern: $0)) }
        case .double: return each(UInt64.self) { Double(bitPattern: $0) }
        case .half: return each(UInt16.self) { Self.half($0) }
        case .bfloat16: return each(UInt16.self) { Self.bfloat16($0) }
        case .int8: return each(Int8.self) { Double($0) }
        case .uint8, .bool: return each(UInt8.self) { Double($0) }
        case .int16: return each(Int16.self) { Double($0) }
        case .uint16: return each(UInt16.self) { Double($0) }
        case .int32: return each(Int32.self) { Double($0) }
        case .uint32: return each(UInt32.self) { Double($0) }
        case .int64: return each(Int64.self) { Double($0) }
        case .uint64: return each(UInt64.self) { Double($0) }
        case .string, .other: return false
        }
    }

    /// Numbers in the field that belongs to their type, packed or one by one.
    func readFields<Number>(_ numbers: inout [Number], _ convert: (Double) -> Number) -> Bool {
        var reader = WireReader(messageBytes)
        let field = elementField
        while !reader.isAtEnd {
            guard let key = reader.varint() else { return false }
            if key == field << 3 | 2 {
                guard let packed = reader.bytes() else { return false }
                var inner = WireReader(packed)
                while !inner.isAtEnd {
                    guard let value = element(&inner) else { return false }
                    numbers.append(convert(value))
                }
            } else if key >> 3 == field {
                guard key & 7 == elementWireType, let value = element(&reader) else { return false }
                numbers.append(convert(value))
            } else {
                guard reader.skip(key) else { return false }
            }
        }
        return true
    }

    private var elementField: UInt64 {
        switch type {
        case .float: 5
        case .double: 6
        case .int32, .int16, .int8, .uint8, .uint16: 7
        case .int64: 10
        case .bool: 11
        case .half, .bfloat16: 13
        case .uint32: 16
        case .uint64: 17
        case .string, .other: 8
        }
    }

    private var elementWireType: UInt64 {
        switch type {
        case .float: 5
        case .double: 1
        default: 0
        }
    }

    private func element(_ reader: inout WireReader) -> Double? {
        switch type {
        case .float: reader.float().map(Double.init)
        case .double: reader.double()
        case .half: reader.varint().map { Self.half($0) }
        case .bfloat16: reader.varint().map { Self.bfloat16($0) }
        case .uint32, .uint64: reader.varint().map { Double($0) }
        case .bool: reader.varint().map { $0 == 0 ? 0 : 1 }
        default: reader.varint().map { Double(Int64(bitPattern: $0)) }
        }
    }

    /// IEEE 754 binary16. PyTorch's `add_tensor` writes the bits of a 32-bit float into this field instead; a half has
    /// nothing above its 16 bits, so the two can be told apart (but for a few that underflow, which read as nearly 0).
    private static func half(_ bits: some FixedWidthInteger) -> Double {
        guard bits >= 0 && bits <= 0xFFFF else { return Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))) }
        return Double(Float16(bitPattern: UInt16(truncatingIfNeeded: bits)))
    }

    /// The upper half of a 32-bit float.
    private static func bfloat16(_ bits: some FixedWidthInteger) -> Double {
        guard bits >= 0 && bits <= 0xFFFF else { return Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))) }
        return Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits) << 16))
    }
}
