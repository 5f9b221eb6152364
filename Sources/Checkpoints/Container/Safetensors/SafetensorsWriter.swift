import Files

/// A writer of safetensors files, which every framework reads and no one can hide code in.
package enum SafetensorsWriter {
    /// Writes the tensors under their names, in order of their elements' width (widest first, so that each is aligned
    /// as the reference implementation aligns it) and then of their names. The file at `path` is replaced in one
    /// durable step.
    ///
    /// Tensors that share a storage are written once each: the format has no sharing.
    package static func write(
        _ tensors: [(name: String, tensor: TensorPayload)], metadata: [(key: String, value: String)] = [],
        to path: String, operations: FileOperations = .system
    ) throws(CheckpointError) {
        let ordered = tensors.sorted {
            ($1.tensor.type.byteCount, $0.name) < ($0.tensor.type.byteCount, $1.name)
        }
        let header = try Self.header(ordered, metadata, path)
        var file = try CheckpointOutput(replacing: path, operations: operations)
        try file.write((0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) })
        try file.write(header)
        for (_, tensor) in ordered {
            try tensor.rows { bytes throws(CheckpointError) in
                try file.write(bytes)
            }
        }
        try file.commit()
    }

    /// The JSON header, padded with spaces to a multiple of eight bytes.
    private static func header(
        _ tensors: [(name: String, tensor: TensorPayload)], _ metadata: [(key: String, value: String)], _ path: String
    ) throws(CheckpointError) -> [UInt8] {
        var entries: [String] = []
        if !metadata.isEmpty {
            let texts = metadata.map { "\(quoted($0.key)):\(quoted($0.value))" }
            entries.append("\"__metadata__\":{\(texts.joined(separator: ","))}")
        }
        var position = 0
        var names: Set<String> = ["__metadata__"]
        for (name, tensor) in tensors {
            guard names.insert(name).inserted else {
                throw .unsupported(path: path, what: "two tensors are called '\(name)'", advice: "rename one of them")
            }
            entries.append(try entry(name, tensor, at: position, path))
            position += tensor.count * tensor.type.byteCount
        }
        let json = Array("{\(entries.joined(separator: ","))}".utf8)
        return json + [UInt8](repeating: 0x20, count: (8 - json.count % 8) % 8)
    }

    private static func entry(
        _ name: String, _ tensor: TensorPayload, at position: Int, _ path: String
    ) throws(CheckpointError) -> String {
        guard let type = SafetensorsHeader.name(of: tensor.type) else {
            throw .unsupported(
                path: path, what: "tensor '\(name)' holds \(tensor.type.rawValue), which safetensors cannot",
                advice: "write a .pth file instead")
        }
        let shape = tensor.shape.map(String.init).joined(separator: ",")
        let end = position + tensor.count * tensor.type.byteCount
        return "\(quoted(name)):{\"dtype\":\"\(type)\",\"shape\":[\(shape)],\"data_offsets\":[\(position),\(end)]}"
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\u{0}"..<" ": quoted += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
