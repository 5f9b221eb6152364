/// The form that `torch.save` wrote before PyTorch 1.6: one pickle after another (a magic number, the protocol's version,
/// facts about the system, the object itself, the list of storage keys), then each storage's element count and bytes.
extension FileContents {
    /// 0x1950A86A20F9469CFC6C, least significant byte first, as a pickle of protocol 2 or later has it.
    private static let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
    private static let protocolVersion: Int64 = 1001

    /// Whether a file that begins so is one of these.
    static func isLegacy(_ signature: [UInt8]) -> Bool {
        signature.count > 14 && signature[0] == 0x80 && signature[2...].starts(with: [0x8A, 10] + magic)
    }

    init(legacy source: FileSource) throws(CheckpointError) {
        var cursor = ByteCursor(source, 0..<source.byteCount, name: "pickle")
        let allowance = Unpickler.allowance(fileByteCount: source.byteCount)
        _ = try Unpickler.read(&cursor, allowance: allowance)
        guard try Unpickler.read(&cursor, allowance: allowance).root == .int(Self.protocolVersion) else {
            throw cursor.damaged("the protocol is not \(Self.protocolVersion)")
        }
        _ = try Unpickler.read(&cursor, allowance: allowance)
        let graph = try Unpickler.read(&cursor, allowance: allowance)
        let keys = try Unpickler.read(&cursor, allowance: allowance)
        self.init(
            source: source, format: .legacy, graph: graph, isBigEndian: false,
            locations: try Self.locations(graph, keys, &cursor, source))
    }

    private static func locations(
        _ graph: PickleGraph, _ keys: PickleGraph, _ cursor: inout ByteCursor, _ source: FileSource
    ) throws(CheckpointError) -> [String: Location] {
        var storages: [String: StorageReference] = [:]
        for case .storage(let storage) in graph.objects { storages[storage.key] = storage }
        var locations: [String: Location] = [:]
        for key in (keys.items(keys.root) ?? []).compactMap(keys.keyText) {
            guard let storage = storages[key] else { throw cursor.damaged("storage '\(key)' is of no known type") }
            let count = try cursor.number(8)
            guard count == UInt64(storage.elementCount), storage.byteCount <= cursor.remaining else {
                throw cursor.damaged("storage '\(key)' has \(count) elements, \(storage.elementCount) are announced")
            }
            locations[key] = Location(
                range: cursor.position..<cursor.position + storage.byteCount, inflatedByteCount: nil)
            try cursor.skip(storage.byteCount)
        }
        return locations
    }
}
