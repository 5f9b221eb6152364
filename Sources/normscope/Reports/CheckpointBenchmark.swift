import Charts
import Checkpoints
import Files
import Glibc
import Training

/// A benchmark of reading and writing a checkpoint: the median of several rounds after a warm-up, in milliseconds, with
/// the file in the system's cache.
struct CheckpointBenchmark {
    private struct Result: Encodable {
        let bytes: Int
        /// Opening: the table of all tensors, without reading any.
        let tableMilliseconds: Double
        /// Opening, and minimum, maximum, mean, deviation and non-finite count of every tensor: all bytes are read.
        let statisticsMilliseconds: Double
        /// Opening, and copying the network's tensors into memory.
        let loadMilliseconds: Double
        /// Writing them from memory to a new file: synchronized to the disk, then renamed, as every checkpoint is
        /// written.
        let saveMilliseconds: Double
        /// The same without waiting for the disk, for comparison with programs that don't wait.
        let saveUnsynchronizedMilliseconds: Double
    }

    private let result: Result

    init(path: String, rounds: Int) throws {
        let state = StateDictionary.value(try CheckpointFile(readingFrom: path).stateDictionary())
        let copy = path + ".bench"
        defer { unlink(copy) }
        func saving(_ operations: FileOperations) throws -> Double {
            try Self.median(rounds, preparing: { unlink(copy) }) {
                try CheckpointWriter.write(state, to: copy, operations: operations)
            }
        }
        result = Result(
            bytes: try CheckpointFile(readingFrom: path).byteCount,
            tableMilliseconds: try Self.median(rounds) { _ = try CheckpointFile(readingFrom: path).tensors.count },
            statisticsMilliseconds: try Self.median(rounds) {
                let file = try CheckpointFile(readingFrom: path)
                _ = try file.statistics(file.tensors)
            },
            loadMilliseconds: try Self.median(rounds) { _ = try CheckpointFile(readingFrom: path).stateDictionary() },
            saveMilliseconds: try saving(.system),
            saveUnsynchronizedMilliseconds: try saving(.unsynchronized))
    }

    private static func median(
        _ rounds: Int, preparing prepare: () -> Void = {}, _ work: () throws -> Void
    ) rethrows -> Double {
        var times: [Double] = []
        for _ in 0...rounds {
            prepare()
            let start = Clock.machine.now()
            try work()
            times.append(Clock.machine.now() - start)
        }
        return times.dropFirst().sorted()[rounds / 2] * 1000
    }

    func show(json: Bool) throws {
        if json { return try printJSON(result) }
        TextTable.print(
            ["\(result.bytes) bytes", "ms"],
            [
                ("table of tensors", result.tableMilliseconds),
                ("statistics of every tensor", result.statisticsMilliseconds),
                ("loading into memory", result.loadMilliseconds),
                ("writing, safe on the disk", result.saveMilliseconds),
                ("writing, not waiting for the disk", result.saveUnsynchronizedMilliseconds),
            ].map { [$0.0, NumberFormat.compact($0.1)] })
    }
}

extension FileOperations {
    /// File operations that don't wait for the disk, as in other programs.
    fileprivate static var unsynchronized: FileOperations {
        var operations = system
        operations.synchronize = { _ in 0 }
        operations.beginSynchronizing = { _, _ in }
        return operations
    }
}
