import Testing

@testable import EventLog

@Suite struct ChecksumTests {
    /// From RFC 3720, appendix B.4, and the check value of the catalogue of CRCs.
    static let knownAnswers: [([UInt8], UInt32)] = [
        (Array("123456789".utf8), 0xE306_9283),
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        (Array(0..<32), 0x46DD_794E),
        ([], 0),
    ]

    @Test(arguments: knownAnswers)
    func knownAnswersComeOutByInstructionAndByTables(_ bytes: [UInt8], _ sum: UInt32) {
        bytes.withUnsafeBytes {
            #expect(Checksum.of($0) == sum)
            #expect(Checksum.byTables($0) == sum)
        }
    }

    @Test func everyLengthAgreesWithTheBitwiseDefinition() {
        var numbers = SeededNumbers(seed: 1)
        for length in 0..<100 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &numbers) }
            bytes.withUnsafeBytes {
                #expect(Checksum.masked($0) == HandMade.masked(bytes))
                #expect(Checksum.byTables($0) == Checksum.of($0))
            }
        }
    }

    @Test func aLengthIsSummedAsItsEightBytes() {
        for length in [0, 1, 255, 256, 1 << 40] as [UInt64] {
            #expect(Checksum.masked(length: length) == HandMade.masked(HandMade.little(length)))
        }
    }
}
