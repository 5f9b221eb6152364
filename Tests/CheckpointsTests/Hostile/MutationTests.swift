import Testing

@testable import Checkpoints

/// Real files with a few bytes changed: whatever comes, it is an error or a table, never a crash.
@Suite struct MutationTests {
    private static let casesPerFile = 300

    @Test(
        arguments: [
            "torch-2.15/state_dict.pth", "torch-2.15/training.pth", "torch-2.15/module.pth",
            "torch-1.13/state_dict.pth",
            "torch-1.13/state_dict_legacy.pth", "torch-2.15/module_legacy.pth", "torch-2.15/deflated.pth",
            "torch-2.15/zip64.pth", "torch-2.15/state_dict_protocol4.pth", "torch-2.15/dtypes.pth",
            "torch-2.15/dtypes.safetensors", "torch-2.15/views.pth", "torch-2.15/script.pt",
        ])
    func aMutatedFileIsAnErrorOrATable(_ name: String) throws {
        let original = try Fixture(name).bytes()
        let folder = try TemporaryFolder()
        var generator = SplitMix(state: UInt64(original.count))
        for _ in 0..<Self.casesPerFile {
            let path = try folder.file("mutant", Self.mutated(original, &generator))
            do {
                try Exploration.explore(path)
            } catch let error {
                #expect(!error.description.contains("\n"))
            }
        }
    }

    private static func mutated(_ original: [UInt8], _ generator: inout SplitMix) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            guard !bytes.isEmpty else { break }
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            let length = Int.random(in: 1...12, using: &generator)
            let range = place..<min(bytes.count, place + length)
            switch Int.random(in: 0..<7, using: &generator) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 2: bytes.replaceSubrange(range, with: repeatElement(0xFF, count: range.count))
            case 3: bytes.replaceSubrange(range, with: repeatElement(0, count: range.count))
            case 4: bytes.removeSubrange(range)
            case 5: bytes.insert(contentsOf: bytes[range], at: Int.random(in: 0...bytes.count, using: &generator))
            default: bytes.removeSubrange(max(place, bytes.count - 200)...)
            }
        }
        return bytes
    }
}

/// Steele, Lea & Flood 2014: a seed gives the same cases on every machine.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
