/// A protocol buffers message being written: fields are appended in the order in which they are given.
struct WireWriter {
    private(set) var bytes: [UInt8] = []

    mutating func varint(_ number: Int, _ value: UInt64) {
        key(number, 0)
        raw(value)
    }

    mutating func double(_ number: Int, _ value: Double) {
        key(number, 1)
        little(value.bitPattern)
    }

    mutating func string(_ number: Int, _ value: String) {
        key(number, 2)
        raw(UInt64(value.utf8.count))
        bytes.append(contentsOf: value.utf8)
    }

    mutating func message(_ number: Int, _ message: WireWriter) {
        key(number, 2)
        raw(UInt64(message.bytes.count))
        bytes.append(contentsOf: message.bytes)
    }

    mutating func message(_ number: Int, _ fill: (inout WireWriter) -> Void) {
        var inner = WireWriter()
        fill(&inner)
        message(number, inner)
    }

    mutating func packed(_ number: Int, _ values: [Double]) {
        key(number, 2)
        raw(UInt64(values.count * 8))
        for value in values { little(value.bitPattern) }
    }

    /// Floats as memory holds them, little-endian.
    mutating func memory(_ number: Int, _ values: [Float]) {
        key(number, 2)
        raw(UInt64(values.count * 4))
        for value in values { little(value.bitPattern) }
    }

    private mutating func key(_ number: Int, _ type: UInt64) {
        raw(UInt64(number) << 3 | type)
    }

    private mutating func raw(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    @inline(__always)
    private mutating func little(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// How many bytes `value` takes as a varint.
    static func size(of value: UInt64) -> Int {
        max(1, (64 - value.leadingZeroBitCount + 6) / 7)
    }
}
