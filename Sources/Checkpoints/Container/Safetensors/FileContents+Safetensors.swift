/// The safetensors form: eight bytes of header length, a JSON header, then the tensors' bytes without gaps.
extension FileContents {
    /// The specification's own limit.
    private static let headerLimit = 100_000_000

    static func isSafetensors(_ signature: [UInt8]) -> Bool {
        signature.count > 8 && signature[8] == UInt8(ascii: "{") && signature.littleEndian(at: 0, 8) <= headerLimit
    }

    init(safetensors source: FileSource) throws(CheckpointError) {
        let length = Int(try source.bytes(0..<8).littleEndian(at: 0, 8))
        let start = 8 + length
        guard start <= source.byteCount else {
            throw .damaged(
                path: source.path, place: "byte 0",
                problem: "a header of \(length) bytes is announced, \(source.byteCount - 8) follow")
        }
        let header = try SafetensorsHeader(
            JSONCursor(source.bytes(8..<start), at: 8, name: "header", path: source.path),
            dataByteCount: source.byteCount - start)
        var graph = PickleGraph()
        var locations: [String: Location] = [:]
        var pairs: [PickleGraph.Pair] = []
        for tensor in header.tensors {
            pairs.append(graph.adding(tensor))
            let bytes = tensor.bytes.lowerBound + start..<tensor.bytes.upperBound + start
            locations[tensor.name] = Location(range: bytes, inflatedByteCount: nil)
        }
        graph.objects.append(.dictionary(pairs, isOrdered: true))
        graph.root = .object(Int32(graph.objects.count - 1))
        self.init(
            source: source, format: .safetensors, graph: graph, isBigEndian: false, locations: locations,
            metadata: header.metadata)
    }
}

extension PickleGraph {
    /// Adds a tensor with a storage of its own; the entry of a dictionary that leads to it.
    fileprivate mutating func adding(_ tensor: SafetensorsHeader.Tensor) -> Pair {
        let count = StoredTensor.product(tensor.shape) ?? 0
        strings.append(tensor.name)
        objects.append(
            .tensor(
                StoredTensor(
                    storage: StorageReference(key: tensor.name, type: tensor.type, elementCount: count),
                    type: tensor.type, offset: 0, shape: tensor.shape,
                    strides: StoredTensor.contiguousStrides(tensor.shape), isParameter: false)))
        return Pair(key: .string(Int32(strings.count - 1)), value: .object(Int32(objects.count - 1)))
    }
}
