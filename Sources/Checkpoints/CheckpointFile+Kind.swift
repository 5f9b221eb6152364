extension CheckpointFile {
    /// The kind of object that a checkpoint holds.
    package enum Kind: Equatable, Sendable {
        /// Named tensors, and nothing around them.
        case stateDictionary
        /// A dictionary that holds a state dictionary or a module under a key, among other things.
        case checkpoint(key: String)
        /// A checkpoint as PyTorch Lightning writes it.
        case lightning(version: String)
        /// A whole object saved with `torch.save(net)`.
        case module(className: String)
        case torchScript(className: String)
        /// One tensor.
        case tensor
        /// Anything else: a list of tensors, an optimizer's state, …
        case other

        /// The name of the kind in tables and JSON.
        package var word: String {
            switch self {
            case .stateDictionary: "state_dict"
            case .checkpoint: "checkpoint"
            case .lightning: "lightning"
            case .module: "module"
            case .torchScript: "torchscript"
            case .tensor: "tensor"
            case .other: "other"
            }
        }
    }

    package var kind: Kind {
        let graph = contents.graph
        if format == .torchScript {
            return .torchScript(className: graph.instance(graph.root)?.constructor?.name ?? "?")
        }
        if graph.tensor(graph.root) != nil { return .tensor }
        if let instance = graph.instance(graph.root), let module = ModuleState(instance, in: graph) {
            return .module(className: module.constructor?.name ?? "?")
        }
        return dictionaryKind(graph)
    }

    private func dictionaryKind(_ graph: PickleGraph) -> Kind {
        if let version = graph.value(graph.root, "pytorch-lightning_version") {
            return .lightning(version: graph.text(version) ?? "?")
        }
        if let key = Self.stateKeys.first(where: { isState(graph.value(graph.root, $0)) }) {
            return .checkpoint(key: key)
        }
        let pairs = graph.pairs(graph.root) ?? []
        return pairs.contains { graph.tensor($0.value) != nil } ? .stateDictionary : .other
    }

    /// Whether a value is a dictionary or an object, which may hold a network's tensors.
    private func isState(_ value: PickleGraph.Value?) -> Bool {
        guard let value else { return false }
        return contents.graph.pairs(value) != nil || contents.graph.instance(value) != nil
    }
}
