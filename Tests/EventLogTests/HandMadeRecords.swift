/// Records made by hand, byte by byte and apart from the code under test: a checksum bit by bit, fields one after the other.
enum HandMade {
    static func record(_ data: [UInt8]) -> [UInt8] {
        let header = little(UInt64(data.count))
        return header + little(masked(header)) + data + little(masked(data))
    }

    static func scalar(_ tag: String, _ step: Int64, _ value: Float, wallTime: Double = 1_700_000_000) -> [UInt8] {
        record(event(step, wallTime, summary: [self.value(tag, [0x15] + little(value.bitPattern))]))
    }

    /// Records of one tag, one for each step, with values that say which step they are.
    static func losses(_ steps: Range<Int64>, tag: String = "loss", offset: Float = 0) -> [UInt8] {
        steps.flatMap { scalar(tag, $0, Float($0) + offset) }
    }

    /// A Summary.Value with its tag and whatever else it has.
    static func value(_ tag: String, _ rest: [UInt8]) -> [UInt8] {
        field(1, Array(tag.utf8)) + rest
    }

    static func event(_ step: Int64, _ wallTime: Double = 1_700_000_000, summary values: [[UInt8]]) -> [UInt8] {
        [0x09] + little(wallTime.bitPattern) + [0x10] + varint(UInt64(bitPattern: step))
            + field(5, values.flatMap { field(1, $0) })
    }

    static func field(_ number: UInt8, _ data: [UInt8]) -> [UInt8] {
        varint(UInt64(number) << 3 | 2) + varint(UInt64(data.count)) + data
    }

    static func varint(_ value: UInt64) -> [UInt8] {
        value < 128 ? [UInt8(value)] : [UInt8(value & 127) | 128] + varint(value >> 7)
    }

    static func little(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    static func masked(_ bytes: [UInt8]) -> UInt32 {
        var sum = ~UInt32(0)
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? (sum >> 1) ^ 0x82F6_3B78 : sum >> 1 }
        }
        let plain = ~sum
        return ((plain >> 15) | (plain << 17)) &+ 0xA282_EAD8
    }
}

/// Numbers that look random and are the same in every run: SplitMix64.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
