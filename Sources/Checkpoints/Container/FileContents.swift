/// What a checkpoint file holds, whatever its format: the graph of its pickle, and where each storage's bytes stand.
struct FileContents: Sendable {
    /// Where the bytes of a storage are.
    struct Location: Sendable {
        let range: Range<Int>
        /// The size once inflated, if the bytes are deflated.
        let inflatedByteCount: Int?

        var byteCount: Int { inflatedByteCount ?? range.count }
    }

    let source: FileSource
    let format: CheckpointFile.Format
    let graph: PickleGraph
    let isBigEndian: Bool
    /// What a safetensors file says about itself.
    let metadata: [(key: String, value: String)]
    private let locations: [String: Location]

    init(
        source: FileSource, format: CheckpointFile.Format, graph: PickleGraph, isBigEndian: Bool,
        locations: [String: Location], metadata: [(key: String, value: String)] = []
    ) {
        self.metadata = metadata
        self.source = source
        self.format = format
        self.graph = graph
        self.isBigEndian = isBigEndian
        self.locations = locations
    }

    init(_ source: FileSource) throws(CheckpointError) {
        let signature = try source.bytes(0..<min(source.byteCount, 512))
        guard !signature.isEmpty else { throw .notACheckpoint(path: source.path, found: "an empty file") }
        if signature.starts(with: [0x50, 0x4B, 3, 4]) {
            self = try FileContents(zip: ZipArchive(source))
        } else if Self.isLegacy(signature) {
            self = try FileContents(legacy: source)
        } else if Self.isSafetensors(signature) {
            self = try FileContents(safetensors: source)
        } else {
            throw .notACheckpoint(path: source.path, found: FileSignature.name(signature))
        }
    }

    func location(_ storage: StorageReference) throws(CheckpointError) -> Location {
        guard let location = locations[storage.key] else {
            throw .damaged(path: source.path, place: "storage '\(storage.key)'", problem: "its bytes are not there")
        }
        return location
    }

    /// Throws unless the bytes of the tensor's storage are all there.
    func check(_ entry: TensorEntry) throws(CheckpointError) {
        let storage = entry.stored.storage
        let found = try location(storage).byteCount
        guard found >= storage.byteCount else {
            throw .damaged(
                path: source.path, place: "tensor '\(entry.name)'",
                problem: "its storage needs \(storage.byteCount) bytes, \(found) are there")
        }
    }
}

extension FileContents {
    /// The zip form: `NAME/data.pkl`, `NAME/data/0`, …, with any name in front.
    init(zip archive: ZipArchive) throws(CheckpointError) {
        guard let pickle = archive.entries.first(where: { Self.isMainPickle($0.name) }) else {
            throw .notACheckpoint(path: archive.source.path, found: "a zip archive without data.pkl")
        }
        let prefix = String(pickle.name.dropLast("data.pkl".count))
        var cursor = try archive.cursor(pickle)
        // An inflated pickle lies in memory as a whole.
        let inflated = pickle.isDeflated ? pickle.byteCount : 0
        let graph = try Unpickler.read(
            &cursor, allowance: Unpickler.allowance(fileByteCount: archive.source.byteCount - inflated))
        let isScript = archive[prefix + "constants.pkl"] != nil
        self.init(
            source: archive.source, format: isScript ? .torchScript : .zip, graph: graph,
            isBigEndian: try Self.isBigEndian(archive, prefix), locations: try archive.locations(graph, prefix))
    }

    private static func isMainPickle(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return parts.last == "data.pkl" && parts.count <= 2
    }

    private static func isBigEndian(_ archive: ZipArchive, _ prefix: String) throws(CheckpointError) -> Bool {
        guard let entry = archive[prefix + "byteorder"] else { return false }
        guard entry.byteCount <= 16 else { throw archive.damaged(entry, "\(entry.byteCount) bytes for one word") }
        var cursor = try archive.cursor(entry)
        switch String(decoding: try cursor.take(cursor.remaining), as: UTF8.self) {
        case "little": return false
        case "big": return true
        default: throw archive.damaged(entry, "neither 'little' nor 'big'")
        }
    }
}

extension ZipArchive {
    /// What an entry may grow by when it is inflated into memory.
    private static let inflationAllowance = 16 << 20

    /// An entry's bytes, read from the file as they are needed or inflated into memory.
    func cursor(_ entry: Entry) throws(CheckpointError) -> ByteCursor {
        let range = try range(of: entry)
        guard entry.isDeflated else { return ByteCursor(source, range, name: entry.name) }
        guard entry.byteCount <= source.byteCount + Self.inflationAllowance else {
            throw damaged(entry, "\(entry.storedByteCount) bytes that claim to inflate to \(entry.byteCount)")
        }
        return ByteCursor(try Inflation.bytes(of: entry, at: range, in: self), name: entry.name, path: source.path)
    }

    /// Where the bytes of each storage stand that the pickle refers to.
    func locations(_ graph: PickleGraph, _ prefix: String) throws(CheckpointError) -> [String: FileContents.Location] {
        var locations: [String: FileContents.Location] = [:]
        for case .storage(let storage) in graph.objects where locations[storage.key] == nil {
            guard let entry = self[prefix + "data/" + storage.key] else { continue }
            locations[storage.key] = FileContents.Location(
                range: try range(of: entry), inflatedByteCount: entry.isDeflated ? entry.byteCount : nil)
        }
        return locations
    }
}
