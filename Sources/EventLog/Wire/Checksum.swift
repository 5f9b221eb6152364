import CEventLog

/// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78), as TensorFlow's record files use it.
///
/// By the processor's instruction where there is one, else by slicing-by-8 tables; both give the same number.
enum Checksum {
    private static let hasInstruction = checksum_hardware() != 0

    static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        guard let base = bytes.baseAddress else { return 0 }
        guard hasInstruction else { return byTables(bytes) }
        return ~checksum_extend(~0, base, bytes.count)
    }

    /// What a record file stores instead of the sum itself: a sum over data that holds its own sum would be weak, so the
    /// sum is rotated and a constant is added.
    static func masked(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        mask(of(bytes))
    }

    /// The masked sum of eight bytes, given as the little-endian integer they spell: a record's length field.
    static func masked(length: UInt64) -> UInt32 {
        withUnsafeBytes(of: length.littleEndian) { mask(of($0)) }
    }

    private static func mask(_ sum: UInt32) -> UInt32 {
        ((sum >> 15) | (sum << 17)) &+ 0xA282_EAD8
    }

    /// The same sum without the instruction: eight bytes a round, one table lookup a byte.
    static func byTables(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        tables.withUnsafeBufferPointer { tables in
            var sum = ~UInt32(0)
            var index = 0
            while index + 8 <= bytes.count {
                let word =
                    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)) ^ UInt64(sum)
                sum = 0
                for place in 0..<8 {
                    sum ^= tables[(7 - place) * 256 + Int((word >> UInt64(8 * place)) & 0xFF)]
                }
                index += 8
            }
            while index < bytes.count {
                sum = tables[Int((sum ^ UInt32(bytes[index])) & 0xFF)] ^ (sum >> 8)
                index += 1
            }
            return ~sum
        }
    }

    /// Eight tables of 256: entry `256·k + b` is what byte b contributes when k more bytes follow it in the round.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var sum = UInt32(byte)
            for _ in 0..<8 {
                sum = (sum >> 1) ^ (sum & 1 == 1 ? 0x82F6_3B78 : 0)
            }
            tables[byte] = sum
        }
        for index in 256..<tables.count {
            let before = tables[index - 256]
            tables[index] = (before >> 8) ^ tables[Int(before & 0xFF)]
        }
        return tables
    }()
}
