import Checkpoints
import Network
import Tensors

/// The keys of what a checkpoint holds beside parameters, momentum, epoch and step, so that a resume is exact.
private enum ResumeKey {
    static let batch = "batch"
    static let seed = "seed"
    static let baseLearningRate = "base_lr"
    /// Steps that changed the parameters: those of batches left out are not among them.
    static let stepsTaken = "steps_taken"
    /// In front of a normalization layer's name: the momentum that someone set there.
    static let momentum = "momentum."
}

/// The names that torch.optim gives to the tensors it keeps for a parameter: SGD the first, Adam and AdamW the others.
private enum Slot {
    static let momentum = "momentum_buffer"
    static let step = "step"
    static let moments = ["exp_avg", "exp_avg_sq"]
}

extension Trainer {
    /// Everything that an exact resume needs, in torch's own layout: `model_state_dict` and `optimizer_state_dict` load
    /// into a network and an optimizer of PyTorch's.
    package func checkpoint() -> TrainingCheckpoint {
        var resume: [String: PickleValue] = [
            ResumeKey.batch: .int(Int64(position.batch)),
            ResumeKey.seed: .int(Int64(bitPattern: experiment.seed)),
            ResumeKey.baseLearningRate: .float(baseLearningRate),
            ResumeKey.stepsTaken: .int(Int64(network.stepsTaken)),
        ]
        for (layer, momentum) in setMomentums {
            resume[ResumeKey.momentum + layer] = momentum.map(PickleValue.float) ?? PickleValue.none
        }
        return TrainingCheckpoint(
            modelState: network.stateDictionary(), optimizerState: optimizerState(), epoch: position.epoch,
            globalStep: Int(position.step), resume: resume)
    }

    /// Goes back, or on, to where `checkpoint` was written. One that lacks the position within its epoch (written by
    /// another program) starts its epoch anew.
    package func restore(_ checkpoint: TrainingCheckpoint, path: String) throws {
        do {
            try network.load(checkpoint.modelState)
            try network.loadOptimizerState(buffers(of: checkpoint.optimizerState))
        } catch {
            throw TrainingError.checkpointDoesNotFit(path: path, problem: "\(error)")
        }
        let batch = checkpoint.resume[ResumeKey.batch]?.int ?? 0
        guard (0..<stepsPerEpoch).contains(batch), checkpoint.epoch <= experiment.epochs else {
            let problem = "it stands at epoch \(checkpoint.epoch), batch \(batch), beyond this experiment"
            throw TrainingError.checkpointDoesNotFit(path: path, problem: problem)
        }
        for (key, value) in checkpoint.resume where key.hasPrefix(ResumeKey.momentum) {
            setMomentum(value.double, of: String(key.dropFirst(ResumeKey.momentum.count)))
        }
        network.stepsTaken = checkpoint.resume[ResumeKey.stepsTaken]?.int ?? checkpoint.globalStep
        move(
            to: Position(epoch: checkpoint.epoch, batch: batch, step: Int64(checkpoint.globalStep)),
            baseLearningRate: checkpoint.resume[ResumeKey.baseLearningRate]?.double ?? optimizer.learningRate)
    }

    /// Takes over the network's parameters and buffers from any file that holds a network's: a state dictionary, a
    /// checkpoint, a whole module, safetensors. Names (but for a prefix before all of them, such as `module.`) and shapes
    /// must be this network's; nothing else is taken from it.
    package func takeNetwork(from path: String) throws {
        let state = try CheckpointFile(readingFrom: path).stateDictionary(
            named: network.stateDictionary().map(\.name))
        do {
            try network.load(state)
        } catch {
            throw TrainingError.checkpointDoesNotFit(path: path, problem: "\(error)")
        }
    }

    private func optimizerState() -> OptimizerState {
        let buffers = Dictionary(network.optimizerState().map { ($0.name, $0.tensor) }, uniquingKeysWith: { $1 })
        let names = network.parameterNames
        var hyperparameters = optimizer.hyperparameters.map { name, value in
            OptimizerState.Hyperparameter(name, name == "lr" ? .float(learningRate) : value.pickled)
        }
        hyperparameters.append(OptimizerState.Hyperparameter("initial_lr", .float(baseLearningRate)))
        return OptimizerState(
            slots: names.map { Self.slots(of: $0, in: buffers) },
            groups: [OptimizerState.Group(hyperparameters: hyperparameters, parameters: Array(names.indices))])
    }

    private func buffers(of state: OptimizerState) -> [NamedTensor] {
        var buffers: [NamedTensor] = []
        for (name, slots) in zip(network.parameterNames, state.slots) {
            for slot in slots where slot.name != Slot.step {
                buffers.append(NamedTensor(slot.name == Slot.momentum ? name : "\(name).\(slot.name)", slot.tensor))
            }
        }
        if let step = state.slots.first?.first(where: { $0.name == Slot.step })?.tensor.floats.first {
            buffers.append(NamedTensor(Slot.step, DenseTensor(scalar: Int64(step))))
        }
        return buffers
    }

    /// One parameter's part of what the network keeps for its optimizer, under torch.optim's names.
    private static func slots(of parameter: String, in buffers: [String: DenseTensor]) -> [NamedTensor] {
        if let momentum = buffers[parameter] { return [NamedTensor(Slot.momentum, momentum)] }
        let moments = Slot.moments.compactMap { slot in
            buffers["\(parameter).\(slot)"].map { NamedTensor(slot, $0) }
        }
        guard !moments.isEmpty, let step = buffers[Slot.step] else { return [] }
        return [NamedTensor(Slot.step, DenseTensor(shape: [], step.floats))] + moments
    }
}

extension OptimizerDefinition.Hyperparameter {
    fileprivate var pickled: PickleValue {
        switch self {
        case .number(let value): .float(value)
        case .boolean(let value): .bool(value)
        case .numbers(let values): .tuple(values.map(PickleValue.float))
        case .none: .none
        }
    }
}
