import Charts
import Checkpoints
import Glibc
import Training

/// How long it takes to read and to write one checkpoint: the shortest of several times, in milliseconds, with the file in
/// the system's cache.
struct CheckpointBenchmark {
    private struct Result: Encodable {
        let bytes: Int
        /// Opening: the table of all tensors, none of them read.
        let tableMilliseconds: Double
        /// Opening, and minimum, maximum, mean, deviation and non-finite count of every tensor: all bytes are read.
        let statisticsMilliseconds: Double
        /// Opening, and the network's tensors copied into memory.
        let loadMilliseconds: Double
        /// Writing them from memory to a new file beside the old one: safe on the disk, then renamed.
        let saveMilliseconds: Double
    }

    private static let repetitions = 5
    private let result: Result

    init(path: String) throws {
        let state = try CheckpointFile(readingFrom: path).stateDictionary()
        let copy = path + ".bench"
        defer { unlink(copy) }
        result = Result(
            bytes: try CheckpointFile(readingFrom: path).byteCount,
            tableMilliseconds: try Self.shortest { _ = try CheckpointFile(readingFrom: path).tensors.count },
            statisticsMilliseconds: try Self.shortest {
                let file = try CheckpointFile(readingFrom: path)
                _ = try file.statistics(file.tensors)
            },
            loadMilliseconds: try Self.shortest { _ = try CheckpointFile(readingFrom: path).stateDictionary() },
            saveMilliseconds: try Self.shortest { try CheckpointWriter.write(StateDictionary.value(state), to: copy) })
    }

    private static func shortest(_ work: () throws -> Void) rethrows -> Double {
        var shortest = Double.infinity
        for _ in 0..<repetitions {
            let start = Clock.machine.now()
            try work()
            shortest = min(shortest, Clock.machine.now() - start)
        }
        return shortest * 1000
    }

    func show(json: Bool) throws {
        if json { return try printJSON(result) }
        TextTable.print(
            ["\(result.bytes) bytes", "ms"],
            [
                ("table of tensors", result.tableMilliseconds),
                ("statistics of every tensor", result.statisticsMilliseconds),
                ("loading into memory", result.loadMilliseconds), ("writing", result.saveMilliseconds),
            ].map { [$0.0, NumberFormat.compact($0.1)] })
    }
}
