import Tensors

extension Network {
    /// Names of the parameters in torch.optim's order: the order of `parameters()`.
    package var parameterNames: [String] { store.parameters.map(\.name) }

    /// Parameters and buffers under PyTorch's names, in the order of its `state_dict()`.
    package func stateDictionary() -> [NamedTensor] {
        store.entries.flatMap { entry in
            switch entry {
            case .parameter(let parameter): [parameter.read(store.values)]
            case .buffers(let normalization): normalization.buffers
            }
        }
    }

    /// Takes over a whole state dictionary, as PyTorch's strict `load_state_dict`.
    ///
    /// - Throws: the entries that are missing, not expected, or of another shape; nothing is changed then.
    package func load(_ state: [NamedTensor]) throws(NetworkError) {
        let given = try Self.match(state, with: stateDictionary(), of: "the state")
        for parameter in store.parameters {
            if let tensor = given[parameter.name] { parameter.write(tensor.floats, to: store.values) }
        }
        for layer in store.normalizations { layer.load(given) }
        plan.weightsChanged()
    }

    /// Checks names and shapes of `state` against those of `expected`.
    static func match(
        _ state: [NamedTensor], with expected: [NamedTensor], of owner: String
    ) throws(NetworkError) -> [String: DenseTensor] {
        let given = Dictionary(state.map { ($0.name, $0.tensor) }, uniquingKeysWith: { $1 })
        let names = Set(expected.map(\.name))
        let missing = expected.map(\.name).filter { given[$0] == nil }
        let unexpected = state.map(\.name).filter { !names.contains($0) }
        let misshapen = expected.compactMap { entry in
            given[entry.name].flatMap { tensor in
                tensor.shape == entry.tensor.shape
                    ? nil : "\(entry.name) has the shape \(tensor.shape), but the network's is \(entry.tensor.shape)"
            }
        }
        var problems: [String] = []
        if !missing.isEmpty { problems.append("missing: " + list(missing)) }
        if !unexpected.isEmpty { problems.append("unexpected: " + list(unexpected)) }
        problems += misshapen.prefix(3)
        if misshapen.count > 3 { problems.append("and \(misshapen.count - 3) more of another shape") }
        if !problems.isEmpty { throw .state("\(owner) does not fit the network: " + problems.joined(separator: "; ")) }
        return given
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(4).joined(separator: ", ") + (names.count > 4 ? " and \(names.count - 4) more" : "")
    }

    /// The gradients of the last training step.
    package func gradients() -> [NamedTensor] {
        store.parameters.map { $0.read(store.gradients) }
    }

    /// The optimizer's state: SGD's momentum buffers under the parameters' names; Adam's `NAME.exp_avg` and
    /// `NAME.exp_avg_sq` and its `step`. Empty before the first step, and for SGD without momentum.
    package func optimizerState() -> [NamedTensor] {
        guard update.steps > 0 else { return [] }
        return optimizerEntries
    }

    private var optimizerEntries: [NamedTensor] {
        switch optimizer.method {
        case .sgd(0, _, _): return []
        case .sgd: return store.parameters.map { $0.read(store.momentum) }
        case .adam:
            let entries = store.parameters.flatMap { parameter in
                [
                    NamedTensor(parameter.name + ".exp_avg", parameter.read(store.momentum).tensor),
                    NamedTensor(parameter.name + ".exp_avg_sq", parameter.read(store.squares).tensor),
                ]
            }
            return entries + [NamedTensor("step", DenseTensor(scalar: Int64(update.steps)))]
        }
    }

    /// Takes over what `optimizerState` gave; an empty state begins anew.
    package func loadOptimizerState(_ state: [NamedTensor]) throws(NetworkError) {
        guard !state.isEmpty else {
            update.steps = 0
            return
        }
        let given = try Self.match(state, with: optimizerEntries, of: "the optimizer's state")
        for parameter in store.parameters {
            let name = parameter.name
            if let tensor = given[name] ?? given[name + ".exp_avg"] {
                parameter.write(tensor.floats, to: store.momentum)
            }
            if let tensor = given[name + ".exp_avg_sq"] { parameter.write(tensor.floats, to: store.squares) }
        }
        update.steps = max(1, given["step"].map { Int($0.floats.first ?? 1) } ?? 1)
    }

    /// Names of the normalization layers, such as "layer1.1".
    package var normalizationLayers: [String] { store.normalizations.map(\.name) }

    /// The present state of a normalization layer, or nil if there is none of that name.
    package func normalization(of layer: String) -> NormalizationState? {
        store.normalizations.first { $0.name == layer }?.snapshot
    }

    /// Changes how a layer's running statistics follow the batches' from the next step on; nil is the mean of all batches.
    package func setMomentum(_ momentum: Double?, of layer: String) {
        for normalization in store.normalizations where normalization.name == layer {
            normalization.momentum = momentum
        }
    }

    func initialize(_ graph: ComputationGraph, seed: UInt64) {
        for (sequence, parameter) in store.parameters.enumerated() {
            let initial = graph.initialValue(of: parameter.name)
            let values = initial.values(count: parameter.places.count, seed: seed, sequence: sequence)
            parameter.write(values, to: store.values)
        }
    }
}

extension ComputationGraph {
    fileprivate func initialValue(of parameter: String) -> InitialValue {
        let parts = parameter.split(separator: ".")
        let layer = parts.dropLast().joined(separator: ".")
        switch nodes.first(where: { $0.name == layer && !$0.isReorder })?.kind {
        case .convolution(let convolution):
            return .uniform(fanIn: convolution.inputs / convolution.groups * convolution.kernel.reduce(1, *))
        case .linear(let inputs, _, _): return .uniform(fanIn: inputs)
        default: return .constant(parts.last == "weight" ? 1 : 0)
        }
    }
}

extension ComputationGraph.Node {
    fileprivate var isReorder: Bool {
        if case .reorder = kind { return true }
        return false
    }
}

extension BatchNormalization {
    /// running_mean, running_var and num_batches_tracked.
    fileprivate var buffers: [NamedTensor] {
        guard layer.tracksStatistics else { return [] }
        return [
            NamedTensor("\(name).running_mean", DenseTensor(shape: [layer.channels], values(runningMean))),
            NamedTensor("\(name).running_var", DenseTensor(shape: [layer.channels], values(runningVariance))),
            NamedTensor("\(name).num_batches_tracked", DenseTensor(scalar: batchesTracked)),
        ]
    }

    fileprivate func load(_ given: [String: DenseTensor]) {
        guard layer.tracksStatistics, let mean = given["\(name).running_mean"],
            let variance = given["\(name).running_var"]
        else { return }
        var tracked: Int64 = 0
        switch given["\(name).num_batches_tracked"]?.elements {
        case .int64(let values): tracked = values.first ?? 0
        case .float32(let values): tracked = Int64(exactly: values.first ?? 0) ?? 0
        case nil: break
        }
        setRunningStatistics(mean: mean.floats, variance: variance.floats, batchesTracked: tracked)
    }

    fileprivate var snapshot: NormalizationState {
        NormalizationState(
            runningMean: values(runningMean), runningVariance: values(runningVariance),
            batchMean: values(lastBatchMean), batchVariance: values(lastBatchVariance),
            weight: parameterValues(weight), bias: parameterValues(bias), numBatchesTracked: batchesTracked,
            momentum: momentum, epsilon: layer.epsilon, tracksStatistics: layer.tracksStatistics)
    }

    private func values(_ buffer: AlignedBuffer<Float>) -> [Float] { Array(buffer.elements.prefix(layer.channels)) }
}
