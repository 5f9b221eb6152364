import Files

/// Writing a checkpoint's network in another form. Tensors are streamed from this file into the new one; the file at `path`
/// is replaced in one durable step.
extension CheckpointFile {
    /// Only the state dictionary, as `torch.save(net.state_dict(), path)` writes it.
    package func writeStateDictionary(
        to path: String, operations: FileOperations = .system
    ) throws(CheckpointError) {
        let tensors = try payloads(stateEntries()).map { ($0.name, $0.tensor.asParameter(false)) }
        try CheckpointWriter.write(StateDictionary.value(tensors), to: path, operations: operations)
    }

    /// The state dictionary as a safetensors file, marked as PyTorch's.
    package func writeSafetensors(
        to path: String, operations: FileOperations = .system
    ) throws(CheckpointError) {
        let known = metadata.isEmpty ? [(key: "format", value: "pt")] : metadata
        try SafetensorsWriter.write(payloads(stateEntries()), metadata: known, to: path, operations: operations)
    }

    /// A whole object that `torch.load(path, weights_only=False)` turns into a working module without any class but
    /// torch's own: nested Sequentials of the layers in `outline`.
    package func writeModule(
        to path: String, outline: ModuleOutline, operations: FileOperations = .system
    ) throws(CheckpointError) {
        let value = try ModuleAssembler.value(outline, payloads(stateEntries()), path: path)
        try CheckpointWriter.write(value, to: path, operations: operations)
    }

    /// The same from the module in the file itself. Its outermost class is replaced by a Sequential, which applies the
    /// modules in the order in which they were registered; whether the class did so too can't be known.
    ///
    /// - Returns: what was guessed, for a word to the user.
    @discardableResult
    package func writeModule(
        to path: String, operations: FileOperations = .system
    ) throws(CheckpointError) -> ModuleGuess {
        let (value, guess) = try ModuleRecovery.value(self, writingTo: path)
        try CheckpointWriter.write(value, to: path, operations: operations)
        return guess
    }
}

/// What a module's own classes would have told, and their lack made us assume.
package struct ModuleGuess: Equatable, Sendable {
    /// Classes in whose place stands a Sequential.
    package var replaced: [String] = []
    /// Modules before which a Flatten was put: a Linear there follows layers that work on images, so the class's own
    /// `forward` must have flattened.
    package var flattened: [String] = []
}
