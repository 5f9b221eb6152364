/// The tensors of one normalization layer among those of a network.
package struct NormalizationTensors: Sendable {
    /// The layer's name, such as `layer1.1`; empty for the outermost module.
    package let layer: String
    /// γ and β.
    package let weight: TensorEntry?
    package let bias: TensorEntry?
    package let runningMean: TensorEntry?
    package let runningVariance: TensorEntry?
    package let batchesTracked: TensorEntry?

    static let counter = "num_batches_tracked"

    /// The normalization layers among `entries`, in their order: each module with a `running_mean` or a `running_var`.
    package static func layers(in entries: [TensorEntry]) -> [NormalizationTensors] {
        let byName = Dictionary(entries.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        var seen: Set<String> = []
        return entries.compactMap { entry in
            let (layer, member) = split(entry.name)
            guard member == "running_mean" || member == "running_var", seen.insert(layer).inserted else { return nil }
            return NormalizationTensors(layer, byName)
        }
    }

    private init(_ layer: String, _ byName: [String: TensorEntry]) {
        func member(_ name: String) -> TensorEntry? { byName[layer.isEmpty ? name : layer + "." + name] }
        self.layer = layer
        weight = member("weight")
        bias = member("bias")
        runningMean = member("running_mean")
        runningVariance = member("running_var")
        batchesTracked = member(Self.counter)
    }

    /// `layer1.1` and `running_mean` for `layer1.1.running_mean`.
    static func split(_ name: String) -> (layer: String, member: String) {
        guard let dot = name.lastIndex(of: ".") else { return ("", name) }
        return (String(name[..<dot]), String(name[name.index(after: dot)...]))
    }
}
