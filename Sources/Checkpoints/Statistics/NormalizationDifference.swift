import Glibc

/// How a normalization layer differs between two checkpoints, in terms that mean the same for every layer. Each number is
/// the channel's with the largest absolute value; nil where one side lacks a tensor or the shapes differ.
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
                try NormalizationDifference(
                    layer: layer.layer, ChannelValues(layer, one), ChannelValues(match, other)))
        }
        return differences
    }

    private init(layer: String, _ one: ChannelValues, _ other: ChannelValues) {
        self.layer = layer
        let scale = one.variance?.map { ($0 + Self.epsilon).squareRoot() }
        meanShift = Self.largest(one.mean, other.mean, scale)
        logVarianceShift = Self.largest(one.variance?.map(Self.logarithm), other.variance?.map(Self.logarithm))
        weightShift = Self.largest(one.weight, other.weight)
        biasShift = Self.largest(one.bias, other.bias)
        batchesTracked = [one.tracked, other.tracked]
    }

    private static func logarithm(_ variance: Double) -> Double { log(variance + epsilon) }

    private static func largest(_ one: [Double]?, _ other: [Double]?, _ scale: [Double]? = nil) -> Double? {
        guard let one, let other, one.count == other.count, scale == nil || scale?.count == one.count else {
            return nil
        }
        return one.indices.map { (other[$0] - one[$0]) / (scale?[$0] ?? 1) }.max { abs($0) < abs($1) }
    }
}

/// One value a channel of each of a layer's tensors.
private struct ChannelValues {
    let mean: [Double]?
    let variance: [Double]?
    let weight: [Double]?
    let bias: [Double]?
    let tracked: Int?

    init(_ layer: NormalizationTensors, _ file: CheckpointFile) throws(CheckpointError) {
        func values(_ entry: TensorEntry?) throws(CheckpointError) -> [Double]? {
            guard let entry, entry.shape.count == 1 else { return nil }
            return try file.doubles(entry)
        }
        mean = try values(layer.runningMean)
        variance = try values(layer.runningVariance)
        weight = try values(layer.weight)
        bias = try values(layer.bias)
        guard let entry = layer.batchesTracked, entry.count == 1 else {
            tracked = nil
            return
        }
        tracked = try file.doubles(entry).first.flatMap { Int(exactly: $0) }
    }
}
