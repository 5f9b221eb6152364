import Glibc

/// The change of a normalization layer from one checkpoint to another, in units that are comparable between layers.
/// Each number is that of the channel with the largest absolute change; nil where one side lacks a tensor or the shapes
/// differ.
package struct NormalizationDifference: Equatable, Sendable {
    package let layer: String
    /// Change of the running mean in units of the first's running standard deviation, √(σ² + 1e-5).
    package let meanShift: Double?
    /// Change of the logarithm of the running variance.
    package let logVarianceShift: Double?
    /// Changes of γ and β.
    package let weightShift: Double?
    package let biasShift: Double?
    /// `num_batches_tracked` of each.
    package let batchesTracked: [Int?]

    /// PyTorch's default; a state dictionary does not hold the layer's own.
    private static let epsilon = 1e-5

    static func all(
        _ first: [TensorEntry], of one: CheckpointFile, _ second: [TensorEntry], of other: CheckpointFile
    ) throws(CheckpointError) -> [NormalizationDifference] {
        let byLayer = Dictionary(
            NormalizationTensors.layers(in: second).map { ($0.layer, $0) }, uniquingKeysWith: { $1 })
        var differences: [NormalizationDifference] = []
        for layer in NormalizationTensors.layers(in: first) {
            guard let match = byLayer[layer.layer] else { continue }
            differences.append(
                NormalizationDifference(try LayerChannels(layer, in: one), try LayerChannels(match, in: other)))
        }
        return differences
    }

    private init(_ one: LayerChannels, _ other: LayerChannels) {
        layer = one.layer
        let deviation = one.variance.map { ($0 + Self.epsilon).squareRoot() }
        meanShift = Self.largest(one.mean, other.mean, in: deviation.isEmpty ? nil : deviation)
        logVarianceShift = Self.largest(one.variance.map(Self.logarithm), other.variance.map(Self.logarithm))
        weightShift = Self.largest(one.weight, other.weight)
        biasShift = Self.largest(one.bias, other.bias)
        batchesTracked = [one.batchesTracked, other.batchesTracked]
    }

    private static func logarithm(_ variance: Double) -> Double { log(variance + epsilon) }

    /// The largest change of a channel's value, in units of its own if there are any; nil unless both layers have such values.
    private static func largest(_ one: [Double], _ other: [Double], in units: [Double]? = nil) -> Double? {
        guard one.count == other.count, units == nil || units?.count == one.count else { return nil }
        return one.indices.map { (other[$0] - one[$0]) / (units?[$0] ?? 1) }.max { abs($0) < abs($1) }
    }
}
