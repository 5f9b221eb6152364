import Tensors

/// An open checkpoint file: its format, its metadata and the table of its tensors.
///
/// Opening reads the table of contents and the pickle, never a tensor's data; nothing in the file is executed. Each
/// tensor was checked to lie inside its storage, and each storage inside the file.
package final class CheckpointFile: Sendable {
    package enum Format: String, Sendable {
        /// `torch.save` since PyTorch 1.6.
        case zip = "torch zip"
        /// `torch.save` before PyTorch 1.6, or with `_use_new_zipfile_serialization=False`.
        case legacy = "torch legacy"
        case torchScript = "TorchScript"
        case safetensors
    }

    package let path: String
    package let format: Format
    /// Every tensor in the file, with its path: keys, indices and module names joined by dots.
    package let tensors: [TensorEntry]
    /// Tensors of kinds whose values can't be read here: quantized, sparse, …
    package let unsupported: [UnsupportedTensor]
    package let byteCount: Int
    /// The metadata of a safetensors file; empty for the other formats.
    package var metadata: [(key: String, value: String)] { contents.metadata }
    let contents: CheckpointContents
    private let indexByName: [String: Int]

    package init(readingFrom path: String) throws(CheckpointError) {
        let source = try FileSource(path)
        contents = try CheckpointContents(source)
        self.path = path
        byteCount = source.byteCount
        format = contents.format
        (tensors, unsupported) = try TensorCollector.tensors(in: contents.graph, path: path)
        for entry in tensors { try contents.check(entry) }
        indexByName = Dictionary(tensors.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { $1 })
    }

    /// The tensor under a path such as `model_state_dict.fc.weight`.
    package func entry(named name: String) throws(CheckpointError) -> TensorEntry {
        if let index = indexByName[name] { return tensors[index] }
        throw .missing(
            path: path, what: "no tensor is called '\(name)'", advice: "list the names with 'normscope inspect'")
    }

    package func dense(_ name: String) throws(CheckpointError) -> DenseTensor {
        try dense(entry(named: name))
    }

    /// The values in row-major order: floating point as 32-bit floats, integers and booleans as 64-bit integers.
    package func dense(_ entry: TensorEntry) throws(CheckpointError) -> DenseTensor {
        try contents.dense(entry)
    }

    /// The values in row-major order, of any type; a complex number gives two, its real part first. Integers beyond 2⁵³
    /// are rounded.
    package func doubles(_ entry: TensorEntry) throws(CheckpointError) -> [Double] {
        try contents.doubles(of: entry)
    }
}
