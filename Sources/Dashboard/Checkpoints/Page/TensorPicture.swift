import Checkpoints

/// The statistics and the histogram of a tensor.
package struct TensorPicture: Equatable, Sendable {
    package let name: String
    package let statistics: TensorStatistics
    /// Counts of the values in bins of equal width between the smallest and the largest; empty where no histogram was
    /// wanted or all values are equal.
    package let counts: [Int]

    package static let mostBins = 60

    package init(name: String, statistics: TensorStatistics, counts: [Int]) {
        self.name = name
        self.statistics = statistics
        self.counts = counts
    }
}

/// The values of a normalization layer's tensors, channel by channel; empty for a tensor that it lacks.
package struct LayerChannels: Equatable, Sendable {
    package let layer: String
    package let mean: [Double]
    package let variance: [Double]
    package let weight: [Double]
    package let bias: [Double]
    package let batchesTracked: Int?

    package init(_ layer: NormalizationTensors, in file: CheckpointFile) throws(CheckpointError) {
        func values(_ entry: TensorEntry?) throws(CheckpointError) -> [Double] {
            guard let entry, entry.shape.count == 1 else { return [] }
            return try file.doubles(entry)
        }
        self.layer = layer.layer
        mean = try values(layer.runningMean)
        variance = try values(layer.runningVariance)
        weight = try values(layer.weight)
        bias = try values(layer.bias)
        batchesTracked = try layer.batchesTracked.flatMap { entry throws(CheckpointError) in
            entry.count == 1 ? try file.doubles(entry).first.flatMap { Int(exactly: $0) } : nil
        }
    }
}
