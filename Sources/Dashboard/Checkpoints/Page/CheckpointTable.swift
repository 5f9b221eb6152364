import Charts
import Checkpoints

/// The table of contents of a checkpoint file, without the values of tensors.
package struct CheckpointTable: Sendable {
    package let path: String
    /// Kind, format and size: `module, torch zip, 663 kB`.
    package let summary: String
    let rows: [TensorEntry]
    /// By tensor: the tensor that it shares its bytes with.
    let ties: [String: String]
    /// The names of the normalization layers.
    package let layers: [String]
    /// Classes of modules by path, where the file tells.
    package let classes: [String: String]
    /// Names in the file that are known from attacks on unpickling.
    package let weapons: [String]
    /// Tensors that can't be shown, with their kinds.
    package let unshown: [String]

    package init(_ file: CheckpointFile) throws(CheckpointError) {
        path = file.path
        summary = "\(file.kind.word), \(file.format.rawValue), \(NumberFormat.bytes(file.byteCount))"
        rows = file.tensors
        ties = file.tied
        layers = NormalizationTensors.layers(in: file.tensors).map(\.layer)
        classes = try file.structure().map { Self.classes(of: $0, at: "") } ?? [:]
        weapons = file.globals.compactMap { mention in
            if case .dangerous(let what) = mention.verdict { "\(mention.global) \(what)" } else { nil }
        }
        unshown = file.unsupported.map { "\($0.name): \($0.kind)" }
    }

    private static func classes(of module: ModuleStructure, at path: String) -> [String: String] {
        var classes = [path: module.className]
        for child in module.children {
            guard let inner = child.module else { continue }
            classes.merge(Self.classes(of: inner, at: path.isEmpty ? child.name : path + "." + child.name)) { $1 }
        }
        return classes
    }
}
