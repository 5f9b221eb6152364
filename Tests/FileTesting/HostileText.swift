/// Mutations of a text that its reader must survive; the same ones for the same seed.
package struct HostileText {
    /// A small generator with a seed, so that a failure comes again.
    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }

    private static let pieces = [
        "", "\n", " ", "\t", ":", ": ", "- ", "[", "]", "{", "}", "'", "\"", "&a", "*a", "!!int ", "#", "|", ">", "? ",
        "---\n", "...",
        "%YAML 9\n", "~", "\u{0}", "\u{1b}[2J", "\u{feff}", "\u{85}", "é", "9999999999999999999999", "-1", "1e999",
        "nan", "<<: ", "\r",
        "\\", "\"\\ud800\"", "null", "true", ",", "=", ".",
    ]

    private var random: Random

    package init(seed: UInt64) {
        random = Random(state: seed)
    }

    /// Bytes of `text` cut, doubled, moved and mixed with pieces that mean something.
    package mutating func mutated(_ text: String) -> [UInt8] {
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let start = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, start + Int.random(in: 0...12, using: &random))
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes.removeSubrange(start..<end)
            case 1: bytes.insert(contentsOf: Self.pieces.randomElement(using: &random)!.utf8, at: start)
            case 2: bytes.insert(contentsOf: bytes[start..<end], at: Int.random(in: 0...bytes.count, using: &random))
            default: if start < bytes.count { bytes[start] = UInt8.random(in: 0...255, using: &random) }
            }
        }
        return bytes
    }
}
