import CZlib
import Testing

@Suite struct ChecksumTests {
    @Test func theFastChecksumIsZlibsForEveryLengthAndAlignment() {
        let bytes = (0..<1200).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3 ^ $0) }
        bytes.withUnsafeBytes { bytes in
            for start in 0..<17 {
                for count in Array(0..<300) + [1023, 1024, 1100] {
                    let part = bytes.baseAddress! + start
                    let seed = UInt32(start) &* 0x9E37_79B9
                    #expect(normscope_crc32(seed, part, count) == UInt32(crc32_z(UInt(seed), part, count)))
                }
            }
        }
    }

    @Test func theChecksumOfTheStandardsExampleIsRight() {
        let digits = Array("123456789".utf8)
        #expect(normscope_crc32(0, digits, digits.count) == 0xCBF4_3926)
    }
}
