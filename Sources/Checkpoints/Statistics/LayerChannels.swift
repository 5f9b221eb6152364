/// The values of a normalization layer's tensors, one for each channel; empty for a tensor that it lacks.
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
