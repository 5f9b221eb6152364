/// Numbers, texts and bytes.
extension Unpickler {
    // MARK: - Numbers

    mutating func number(_ opcode: UInt8) throws(CheckpointError) -> Bool {
        switch opcode {
        case UInt8(ascii: "N"): try push(.none)
        case 0x88: try push(.bool(true))
        case 0x89: try push(.bool(false))
        case UInt8(ascii: "J"): try push(.int(Int64(Int32(truncatingIfNeeded: cursor.number(4)))))
        case UInt8(ascii: "K"): try push(.int(Int64(cursor.number(1))))
        case UInt8(ascii: "M"): try push(.int(Int64(cursor.number(2))))
        case UInt8(ascii: "G"): try push(.float(Double(bitPattern: cursor.number(8).byteSwapped)))
        case 0x8A: try longInteger(cursor.length(1))
        case 0x8B: try longInteger(cursor.length(4))
        case UInt8(ascii: "F"): try decimal()
        case UInt8(ascii: "I"), UInt8(ascii: "L"): try integerLine()
        default: return false
        }
        return true
    }

    private mutating func longInteger(_ count: Int) throws(CheckpointError) {
        let bytes = try cursor.take(count)
        guard count > 8 else {
            let shift = 64 - 8 * count
            let value = count == 0 ? 0 : Int64(bitPattern: bytes.littleEndian(at: 0, count) << UInt64(shift)) >> shift
            return try push(.int(value))
        }
        try charge(count)
        try pushObject(.largeInteger([UInt8](bytes)))
    }

    private mutating func decimal() throws(CheckpointError) {
        let line = String(decoding: try cursor.line(), as: UTF8.self)
        guard let value = Double(line) else { throw cursor.damaged("'\(line.prefix(20))' is no number") }
        try push(.float(value))
    }

    /// Protocol 0: "01" and "00" are the booleans, a long ends in L.
    private mutating func integerLine() throws(CheckpointError) {
        var line = String(decoding: try cursor.line(), as: UTF8.self)
        if line == "01" || line == "00" { return try push(.bool(line == "01")) }
        if line.hasSuffix("L") { line.removeLast() }
        guard let value = Int64(line) else { throw cursor.damaged("'\(line.prefix(20))' is no 64-bit integer") }
        try push(.int(value))
    }

    // MARK: - Text and bytes

    mutating func text(_ opcode: UInt8) throws(CheckpointError) -> Bool {
        switch opcode {
        case UInt8(ascii: "X"): try string(cursor.length(4))
        case 0x8C: try string(cursor.length(1))
        case 0x8D: try string(cursor.length(8))
        case UInt8(ascii: "U"): try string(cursor.length(1))
        case UInt8(ascii: "T"): try string(cursor.length(4))
        case UInt8(ascii: "V"): try push(intern(String(decoding: cursor.line(), as: UTF8.self)))
        case UInt8(ascii: "S"): try quotedLine()
        case UInt8(ascii: "C"): try bytes(cursor.length(1))
        case UInt8(ascii: "B"): try bytes(cursor.length(4))
        case 0x8E, 0x96: try bytes(cursor.length(8))
        default: return false
        }
        return true
    }

    private mutating func string(_ count: Int) throws(CheckpointError) {
        try push(intern(String(decoding: cursor.take(count), as: UTF8.self)))
    }

    private mutating func quotedLine() throws(CheckpointError) {
        let line = try cursor.line()
        guard line.count >= 2, line.first == line.last, line.first == 0x27 || line.first == 0x22 else {
            throw cursor.damaged("a text without its quotes")
        }
        try push(intern(String(decoding: line.dropFirst().dropLast(), as: UTF8.self)))
    }

    private mutating func bytes(_ count: Int) throws(CheckpointError) {
        try charge(count)
        try pushObject(.bytes([UInt8](cursor.take(count))))
    }
}
