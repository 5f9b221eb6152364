import FileTesting
import Foundation
import Runs
import Testing

/// Whatever bytes stand in a run directory, reading them ends, with a value or an error of one line.
@Suite struct HostileTextTests {
    private func expectOneLine(_ error: any Error, _ input: [UInt8]) {
        let shown = String(decoding: input, as: UTF8.self)
        #expect(!"\(error)".isEmpty && "\(error)".utf8.count < 1000, "\(shown)")
    }

    @Test(arguments: 0..<4) func statusFilesOfAnyBytesAreReadOrRefused(seed: UInt64) throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/status.json"
        try RunStatus(state: .running, lastAnswer: "paused", updated: 5).write(to: path)
        let text = try folder.read("status.json")
        var hostile = HostileText(seed: seed)
        for _ in 0..<300 {
            let bytes = hostile.mutated(text)
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
        var hostile = HostileText(seed: seed)
        for _ in 0..<300 {
            try Data(hostile.mutated(line + line)).write(to: URL(fileURLWithPath: path))
            var reader = CommandReader(path: path)
            for case .rejected(let error) in try reader.poll() {
                expectOneLine(error, [])
            }
        }
    }
}
