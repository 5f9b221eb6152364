import Tensors

/// What every writer of state dictionaries shares: the entries in order, and the versions that PyTorch keeps beside them.
package enum StateDictionary {
    /// The value that `module.state_dict()` would pickle as.
    ///
    /// `_metadata` holds a version for every module that has a name in the dictionary: 2 for normalization layers with
    /// `num_batches_tracked`, 1 for all others, as PyTorch has it.
    package static func value(_ tensors: [NamedTensor]) -> PickleValue {
        value(tensors.map { ($0.name, TensorPayload($0.tensor)) })
    }

    package static func value(_ tensors: [(name: String, tensor: TensorPayload)]) -> PickleValue {
        .ordered(
            tensors.map { PickleValue.Entry(.string($0.name), .tensor($0.tensor)) },
            attributes: [PickleValue.Entry("_metadata", metadata(tensors.map(\.name)))])
    }

    private static func metadata(_ names: [String]) -> PickleValue {
        let counting = Set(names.filter { $0.hasSuffix("num_batches_tracked") }.map(moduleName))
        var modules: [String] = [""]
        var known: Set<String> = [""]
        for module in names.flatMap({ prefixes(moduleName($0)) }) where known.insert(module).inserted {
            modules.append(module)
        }
        return .ordered(
            modules.map { module in
                PickleValue.Entry(.string(module), ["version": .int(counting.contains(module) ? 2 : 1)])
            })
    }

    /// `layer1.1` for `layer1.1.weight`, and the empty name for a tensor of the outermost module.
    private static func moduleName(_ name: String) -> String {
        name.lastIndex(of: ".").map { String(name[..<$0]) } ?? ""
    }

    /// `a`, `a.b` and `a.b.c` for `a.b.c`.
    private static func prefixes(_ name: String) -> [String] {
        guard !name.isEmpty else { return [] }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.indices.map { parts[...$0].joined(separator: ".") }
    }
}

extension CheckpointFile {
    /// Keys under which programs keep a state dictionary or a module, most telling first.
    static let stateKeys = ["model_state_dict", "state_dict", "model", "net", "network", "module", "weights"]

    /// The network's tensors under the names that its `state_dict()` gives them: of a bare state dictionary, of a checkpoint
    /// that holds one (under `model_state_dict`, `state_dict`, `model`, …), or of a whole module.
    package func stateEntries() throws(CheckpointError) -> [TensorEntry] {
        let graph = contents.graph
        for key in Self.stateKeys {
            guard let value = graph.value(graph.root, key) else { continue }
            let found = try TensorCollector.tensors(in: graph, below: value, path: path).tensors
            if !found.isEmpty { return found }
        }
        guard !tensors.isEmpty else {
            throw .missing(
                path: path, what: "there is no state dictionary in it",
                advice: "expected a state_dict, or a dict with one under 'model_state_dict' or 'state_dict'")
        }
        return tensors
    }

    /// As `stateEntries`, with the values. Large networks are read by several threads.
    package func stateDictionary() throws(CheckpointError) -> [NamedTensor] {
        let entries = try stateEntries()
        let tensors = try dense(entries)
        return zip(entries, tensors).map { NamedTensor($0.name, $1) }
    }

    /// As `stateDictionary`, under the names of a network that uses `names`: a prefix such as `module.`, which programs put
    /// before every name, is left out or added. Where a normalization layer lacks `num_batches_tracked`, which PyTorch has
    /// kept only since 0.4.1 and other programs don't, it counts from 0.
    package func stateDictionary(named names: [String]) throws(CheckpointError) -> [NamedTensor] {
        let given = try stateDictionary()
        let prefixes = NameMatching(given.map(\.name), names).prefixes
        let renamed = given.map {
            NamedTensor(prefixes.second + $0.name.dropFirst(prefixes.first.count), $0.tensor)
        }
        let known = Set(renamed.map(\.name))
        let uncounted = names.filter { name in
            let (layer, member) = NormalizationTensors.split(name)
            return member == NormalizationTensors.counter && !known.contains(name)
                && known.contains(layer.isEmpty ? "running_var" : layer + ".running_var")
        }
        return renamed + uncounted.map { NamedTensor($0, DenseTensor(scalar: 0)) }
    }
}
