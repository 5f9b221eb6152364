import Files
import Tensors

/// A checkpoint to resume training from: what `torch.load(path, weights_only=True)` gives as a dict with
/// `model_state_dict`, `optimizer_state_dict`, `epoch`, `global_step` and `resume`.
package struct TrainingCheckpoint: Equatable, Sendable {
    package var modelState: [NamedTensor]
    package var optimizerState: OptimizerState
    package var epoch: Int
    package var globalStep: Int
    /// What else an exact resume needs: plain values only (none, bool, int, float, string).
    package var resume: [String: PickleValue]

    package init(
        modelState: [NamedTensor], optimizerState: OptimizerState, epoch: Int, globalStep: Int,
        resume: [String: PickleValue] = [:]
    ) {
        precondition(resume.values.allSatisfy(\.isPlain), "only plain values are kept for a resume")
        self.modelState = modelState
        self.optimizerState = optimizerState
        self.epoch = epoch
        self.globalStep = globalStep
        self.resume = resume
    }

    /// Writes the file in one step: after an error, what stood there before still does.
    package func write(
        to path: String, operations: FileOperations = .system
    ) throws(CheckpointError) {
        try CheckpointWriter.write(value, to: path, operations: operations)
    }

    private var value: PickleValue {
        let resume = resume.sorted { $0.key < $1.key }.map { PickleValue.Entry(.string($0.key), $0.value) }
        return [
            "model_state_dict": StateDictionary.value(modelState),
            "optimizer_state_dict": optimizerState.value,
            "epoch": .int(Int64(epoch)),
            "global_step": .int(Int64(globalStep)),
            "resume": .dictionary(resume),
        ]
    }

    /// Reads a file that Normscope wrote, or that PyTorch wrote in the same layout (`resume` may be missing). All bytes
    /// are checked against the archive's checksums: training on from a file that rotted would go unnoticed otherwise.
    package init(readingFrom path: String) throws(CheckpointError) {
        let file = try CheckpointFile(readingFrom: path)
        try file.verifyChecksums()
        let fields = TrainingFields(file)
        self.init(
            modelState: try fields.modelState(), optimizerState: try fields.optimizerState(),
            epoch: try fields.integer("epoch"), globalStep: try fields.integer("global_step"),
            resume: try fields.resume())
    }
}

/// A reader of the parts of a training checkpoint, each with an error of its own if it isn't what it should be.
private struct TrainingFields {
    private let file: CheckpointFile

    init(_ file: CheckpointFile) {
        self.file = file
    }

    private func required(_ key: String) throws(CheckpointError) -> PickleValue {
        guard let value = try file.value(forKey: key) else { throw lacks("has no '\(key)'") }
        return value
    }

    private func lacks(_ what: String) -> CheckpointError {
        .missing(
            path: file.path, what: "the checkpoint \(what)",
            advice: "only a checkpoint made for training can be resumed from; --init FILE starts anew with its weights")
    }

    func integer(_ key: String) throws(CheckpointError) -> Int {
        guard let number = try required(key).int, number >= 0 else { throw lacks("has a '\(key)' that is no count") }
        return number
    }

    func resume() throws(CheckpointError) -> [String: PickleValue] {
        guard let entries = try file.value(forKey: "resume")?.entries else { return [:] }
        var resume: [String: PickleValue] = [:]
        for entry in entries {
            guard let key = entry.key.string, entry.value.isPlain else { continue }
            resume[key] = entry.value
        }
        return resume
    }

    func modelState() throws(CheckpointError) -> [NamedTensor] {
        guard let entries = try required("model_state_dict").entries else {
            throw lacks("has a 'model_state_dict' that is no dictionary")
        }
        return try tensors(entries, under: "model_state_dict")
    }

    private func tensors(
        _ entries: [PickleValue.Entry], under prefix: String
    ) throws(CheckpointError) -> [NamedTensor] {
        var tensors: [NamedTensor] = []
        for entry in entries {
            guard let name = entry.key.string, entry.value.tensor != nil else { continue }
            tensors.append(NamedTensor(name, try file.dense(prefix + "." + name)))
        }
        return tensors
    }

    func optimizerState() throws(CheckpointError) -> OptimizerState {
        let value = try required("optimizer_state_dict")
        guard let state = value["state"]?.entries, let groups = value["param_groups"]?.items else {
            throw lacks("has an 'optimizer_state_dict' without 'state' and 'param_groups'")
        }
        let read = try groups.map { group throws(CheckpointError) in try self.group(group) }
        let count = (read.flatMap(\.parameters).max() ?? -1) + 1
        return OptimizerState(slots: try slots(state, count: count), groups: read)
    }

    private func group(_ value: PickleValue) throws(CheckpointError) -> OptimizerState.Group {
        guard let entries = value.entries, let numbers = value["params"]?.items?.compactMap(\.int),
            numbers.allSatisfy({ (0..<1_000_000).contains($0) })
        else { throw lacks("has a parameter group without 'params'") }
        let hyperparameters = entries.compactMap { entry in
            entry.key.string.flatMap { $0 == "params" ? nil : OptimizerState.Hyperparameter($0, entry.value) }
        }
        return OptimizerState.Group(hyperparameters: hyperparameters, parameters: numbers)
    }

    private func slots(
        _ state: [PickleValue.Entry], count: Int
    ) throws(CheckpointError) -> [[NamedTensor]] {
        var slots: [[NamedTensor]] = Array(repeating: [], count: count)
        for entry in state {
            guard let number = entry.key.int, slots.indices.contains(number), let tensors = entry.value.entries else {
                throw lacks("has optimizer state for a parameter that is in no group")
            }
            slots[number] = try self.tensors(tensors, under: "optimizer_state_dict.state.\(number)")
        }
        return slots
    }
}
