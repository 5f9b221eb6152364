@testable import Checkpoints

/// Does with a file whatever a user could: for the tests that feed broken files, where the one thing that counts is that
/// all errors are errors.
enum Exploration {
    private static let tensorLimit = 40
    private static let elementLimit = 100_000

    static func explore(_ path: String) throws(CheckpointError) {
        let file = try CheckpointFile(readingFrom: path)
        _ = (file.kind, file.globals.map(\.verdict), file.metadata.count, file.unsupported.count)
        try? file.verifyChecksums()
        _ = try? file.value()
        _ = try? file.structure()?.printed
        _ = try? file.stateEntries()
        _ = file.tied
        try look(file)
        _ = NormalizationTensors.layers(in: file.tensors)
    }

    private static func look(_ file: CheckpointFile) throws(CheckpointError) {
        for entry in file.tensors.prefix(tensorLimit) where entry.count <= elementLimit {
            let statistics = try file.statistics(entry)
            if let low = statistics.minimum, let high = statistics.maximum {
                _ = try file.histogram(entry, over: low...high, bins: 10)
            }
            _ = try file.doubles(entry)
            _ = try? file.dense(entry)
        }
        for entry in file.tensors.prefix(tensorLimit) {
            _ = try? TensorExcerpt(of: entry, in: file) { "\($0)" }
        }
        if file.tensors.allSatisfy({ $0.count <= elementLimit }), file.tensors.count <= tensorLimit {
            _ = try? CheckpointComparison(file, file)
        }
    }
}
