import Foundation
import Runs
import Testing

/// Whatever bytes stand in a run directory, reading them ends, with a value or an error of one line.
@Suite struct HostileTextTests {
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

    /// Bytes of `text` cut, doubled, moved and mixed with pieces that mean something.
    private func mutated(_ text: String, _ random: inout Random) -> [UInt8] {
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

    private func expectOneLine(_ error: any Error, _ input: [UInt8]) {
        let shown = String(decoding: input, as: UTF8.self)
        #expect(!"\(error)".isEmpty && "\(error)".utf8.count < 1000, "\(shown)")
    }

    @Test(arguments: 0..<8) func experimentsOfAnyBytesAreReadOrRefused(seed: UInt64) {
        var random = Random(state: seed)
        var read = 0
        for _ in 0..<500 {
            let bytes = mutated(ExperimentTests.sample, &random)
            do {
                let yaml = String(decoding: bytes, as: UTF8.self)
                let experiment = try Experiment(yaml: yaml, file: "e.yaml", folder: "/")
                #expect(try Experiment(yaml: experiment.yaml(), file: "e.yaml", folder: "/") == experiment)
                read += 1
            } catch {
                expectOneLine(error, bytes)
            }
        }
        #expect(read > 10, "mutations that always fail test little")
    }

    @Test(arguments: 0..<4) func overridesOfAnyBytesAreTakenOrRefused(seed: UInt64) {
        var random = Random(state: seed)
        for text in ["data.normalize={mean: [0.286], std: 0.353}", "model.layer1.0=Conv2d(3, 8, 3)", "epochs=3"] {
            for _ in 0..<200 {
                let bytes = mutated(text, &random)
                do {
                    _ = try Experiment(
                        yaml: ExperimentTests.sample, file: "e.yaml", folder: "/",
                        overrides: [String(decoding: bytes, as: UTF8.self)])
                } catch {
                    expectOneLine(error, bytes)
                }
            }
        }
    }

    @Test(arguments: 0..<4) func statusFilesOfAnyBytesAreReadOrRefused(seed: UInt64) throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/status.json"
        try RunStatus(state: .running, lastAnswer: "paused", updated: 5).write(to: path)
        let text = try folder.read("status.json")
        var random = Random(state: seed)
        for _ in 0..<300 {
            let bytes = mutated(text, &random)
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            do {
                _ = try RunStatus.read(from: path)
            } catch {
                expectOneLine(error, bytes)
            }
        }
    }

    @Test(arguments: 0..<4) func commandFilesOfAnyBytesGiveCommandsOrReasons(seed: UInt64) throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/commands.jsonl"
        let line = #"{"command":"set","id":"b","key":"lr","time":2,"value":"*0.5"}"# + "\n"
        var random = Random(state: seed)
        for _ in 0..<300 {
            try Data(mutated(line + line, &random)).write(to: URL(fileURLWithPath: path))
            var reader = CommandReader(path: path)
            for case .rejected(let error) in try reader.poll() {
                expectOneLine(error, [])
            }
        }
    }
}
