extension CheckpointFile {
    /// What the file says as a tree: for a whole checkpoint to be written again, or for a part of one.
    ///
    /// Tensors keep pointing at this file, and those that share a storage go on sharing it.
    package func value() throws(CheckpointError) -> PickleValue {
        try value(contents.graph.root)
    }

    func value(_ value: PickleGraph.Value) throws(CheckpointError) -> PickleValue {
        var builder = PickleTreeBuilder(contents)
        return try builder.build(value)
    }

    /// Tensors for another file, which keep pointing at this one; those that share a storage go on sharing it.
    package func payloads(_ entries: [TensorEntry]) throws(CheckpointError) -> [(name: String, tensor: TensorPayload)] {
        var builder = PickleTreeBuilder(contents)
        var payloads: [(name: String, tensor: TensorPayload)] = []
        for entry in entries { payloads.append((entry.name, try builder.payload(entry.stored))) }
        return payloads
    }

    /// The value under a key of the root, if the root is a dictionary and has it.
    package func value(forKey key: String) throws(CheckpointError) -> PickleValue? {
        guard let found = contents.graph.value(contents.graph.root, key) else { return nil }
        return try value(found)
    }
}

/// Turns a part of a graph into a tree, as long as that is not much larger than the graph.
struct PickleTreeBuilder {
    private static let depthLimit = 200
    private static let valueLimit = 1_000_000

    private let contents: FileContents
    private var storages: [String: StoragePayload] = [:]
    private var values = 0
    private var depth = 0

    init(_ contents: FileContents) {
        self.contents = contents
    }

    mutating func build(_ value: PickleGraph.Value) throws(CheckpointError) -> PickleValue {
        values += 1
        guard values <= Self.valueLimit, depth < Self.depthLimit else {
            throw .damaged(
                path: contents.source.path, place: "pickle",
                problem: "nested too deeply, or parts of it refer to each other too often")
        }
        switch value {
        case .none: return .none
        case .bool(let flag): return .bool(flag)
        case .int(let number): return .int(number)
        case .float(let number): return .float(number)
        case .string(let number): return .string(contents.graph.strings[Int(number)])
        case .object(let number):
            depth += 1
            defer { depth -= 1 }
            return try build(contents.graph.objects[Int(number)])
        }
    }

    private mutating func build(_ object: PickleGraph.Object) throws(CheckpointError) -> PickleValue {
        switch object {
        case .list(let items): .list(try build(items))
        case .tuple(let items): .tuple(try build(items))
        case .set(let items): .set(try build(items))
        case .dictionary(let pairs, let isOrdered):
            isOrdered ? .ordered(try build(pairs)) : .dictionary(try build(pairs))
        case .bytes(let bytes): .bytes(bytes)
        case .largeInteger(let bytes): .bytes(bytes)
        case .global(let global): .global(global)
        case .storage(let storage): .string("storage \(storage.key)")
        case .tensor(let tensor): .tensor(try payload(tensor))
        case .instance(let instance): try build(instance)
        }
    }

    private mutating func build(_ values: [PickleGraph.Value]) throws(CheckpointError) -> [PickleValue] {
        var built: [PickleValue] = []
        for value in values { built.append(try build(value)) }
        return built
    }

    private mutating func build(_ pairs: [PickleGraph.Pair]) throws(CheckpointError) -> [PickleValue.Entry] {
        var built: [PickleValue.Entry] = []
        for pair in pairs { built.append(PickleValue.Entry(try build(pair.key), try build(pair.value))) }
        return built
    }

    private mutating func build(_ instance: PickleGraph.Instance) throws(CheckpointError) -> PickleValue {
        .object(
            instance.constructor ?? PickleGlobal("?", "?"),
            arguments: instance.isMadeByNew && instance.arguments.isEmpty ? nil : try build(instance.arguments),
            state: instance.state == .none ? nil : try build(instance.state))
    }

    mutating func payload(_ tensor: StoredTensor) throws(CheckpointError) -> TensorPayload {
        TensorPayload(
            type: tensor.type, shape: tensor.shape, strides: tensor.strides, offset: tensor.offset,
            storage: try storage(of: tensor), isParameter: tensor.isParameter)
    }

    private mutating func storage(of tensor: StoredTensor) throws(CheckpointError) -> StoragePayload {
        let reference = tensor.storage
        if let known = storages[reference.key] { return known }
        let location = try contents.location(reference)
        let type = reference.type ?? tensor.type
        let payload = StoragePayload(byteCount: reference.byteCount) { [contents] range, body throws(CheckpointError) in
            try contents.stream(location, reference, range, type, body)
        }
        storages[reference.key] = payload
        return payload
    }
}
