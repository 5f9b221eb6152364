import Files

/// Conversion of a checkpoint's network to another format. Tensors are streamed from this file into the new one; the
/// file at `path` is replaced in one durable step.
extension CheckpointFile {
    /// Writes the state dictionary alone, as `torch.save(net.state_dict(), path)` does.
    package func writeStateDictionary(
        to path: String, operations: FileOperations = .system
    ) throws(CheckpointError) {
        let tensors = try payloads(stateEntries()).map { ($0.name, $0.tensor.asParameter(false)) }
        try CheckpointWriter.write(StateDictionary.value(tensors), to: path, operations: operations)
    }

    /// Writes the state dictionary as a safetensors file, marked as PyTorch's.
    package func writeSafetensors(
        to path: String, operations: FileOperations = .system
    ) throws(CheckpointError) {
        let known = metadata.isEmpty ? [(key: "format", value: "pt")] : metadata
        try SafetensorsWriter.write(payloads(stateEntries()), metadata: known, to: path, operations: operations)
    }

    /// Writes a module that `torch.load(path, weights_only=False)` turns into a working one without any class but
    /// torch's own: nested Sequentials of the layers in `outline`.
    package func writeModule(
        to path: String, outline: ModuleOutline, operations: FileOperations = .system
    ) throws(CheckpointError) {
        let value = try ModuleAssembler.value(outline, payloads(stateEntries()), path: path)
        try CheckpointWriter.write(value, to: path, operations: operations)
    }

    /// Writes the module in the file itself with torch's own classes. Its outermost class is replaced by a Sequential,
    /// which applies the modules in the order in which they were registered; whether the class did so too can't be
    /// known.
    ///
    /// - Returns: what was assumed, to tell the user.
    @discardableResult
    package func writeModule(
        to path: String, operations: FileOperations = .system
    ) throws(CheckpointError) -> ModuleAssumptions {
        let (value, assumptions) = try ModuleReconstruction.value(self, writingTo: path)
        try CheckpointWriter.write(value, to: path, operations: operations)
        return assumptions
    }
}

/// Assumptions about a module whose own classes are not available.
package struct ModuleAssumptions: Equatable, Sendable {
    /// Classes that were replaced by a Sequential.
    package var replaced: [String] = []
    /// Modules before which a Flatten was inserted: a Linear there follows layers that work on images, so the class's
    /// own `forward` must have flattened.
    package var flattened: [String] = []
}
