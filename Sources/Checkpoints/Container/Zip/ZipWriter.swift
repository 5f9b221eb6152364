import CZlib
import Threads

/// A writer of zip files in the layout of PyTorch's own writer: entries stored, sizes behind the data, each entry's data
/// aligned to 64 bytes by an extra field "FB", and zip64 end records always.
struct ZipWriter: ~Copyable {
    private static let alignment = 64
    private static let large = 0xFFFF_FFFF
    /// General purpose flags: the name is UTF-8 (bit 11), and sizes and checksum follow the data (bit 3).
    private static let flags = 0x0808

    private struct Record {
        let name: String
        let size: Int
        let offset: Int
        let crc: UInt32
    }

    /// The size from which a second thread for the checksum pays.
    private static let sharedByteCount = 1 << 18

    private var file: CheckpointOutput
    private var records: [Record] = []
    private var team: ThreadTeam?

    init(_ file: consuming CheckpointOutput) {
        self.file = file
    }

    /// A checksum over all entries' checksums and names, which PyTorch keeps as the file's serialization id.
    var digest: (names: UInt64, contents: UInt64) {
        records.reduce(into: (names: 0xCBF2_9CE4_8422_2325, contents: 0)) { digest, record in
            for byte in record.name.utf8 { digest.names = (digest.names ^ UInt64(byte)) &* 0x100_0000_01B3 }
            digest.contents = digest.contents &* 31 &+ UInt64(record.crc)
        }
    }

    mutating func add(_ name: String, _ bytes: [UInt8]) throws(CheckpointError) {
        try add(name, StoragePayload(bytes))
    }

    mutating func add(_ name: String, _ content: StoragePayload) throws(CheckpointError) {
        let size = content.byteCount
        let offset = file.position
        try file.write(localHeader(name, size: size, offset: offset))
        let start = file.position
        let crc = try copy(content)
        precondition(file.position - start == size, "\(file.position - start) bytes for an entry of \(size)")
        try file.write(descriptor(crc, size: size))
        records.append(Record(name: name, size: size, offset: offset, crc: crc))
    }

    /// Writes the bytes; their checksum, which stands behind them, is taken by another thread meanwhile if there are
    /// many.
    private mutating func copy(_ content: StoragePayload) throws(CheckpointError) -> UInt32 {
        let checksum = ContentChecksum(content)
        guard content.byteCount >= Self.sharedByteCount else {
            checksum.take()
            try write(content)
            return try checksum.result.get()
        }
        let team = team ?? ThreadTeam(threads: 2, spins: false)
        self.team = team
        try team.run(ParallelJob { _ in checksum.take() }) { () throws(CheckpointError) in try write(content) }
        return try checksum.result.get()
    }

    private mutating func write(_ content: StoragePayload) throws(CheckpointError) {
        try content.stream(0..<content.byteCount) { bytes throws(CheckpointError) in try self.file.write(bytes) }
    }

    private func localHeader(_ name: String, size: Int, offset: Int) -> [UInt8] {
        let isLarge = size >= Self.large
        let sizes = isLarge ? Self.largeField([size, size]) : []
        let start = offset + 30 + name.utf8.count + sizes.count + 4
        let padding = (Self.alignment - start % Self.alignment) % Self.alignment
        var header = LittleEndianBytes()
        header.append(0x0403_4B50, 4)
        header.append([0, Self.flags, 0, 0, 0], 2)
        header.append([0, isLarge ? Self.large : 0, isLarge ? Self.large : 0], 4)
        header.append([name.utf8.count, sizes.count + 4 + padding], 2)
        header.bytes += Array(name.utf8) + sizes + Array("FB".utf8)
        header.append(padding, 2)
        header.bytes += [UInt8](repeating: UInt8(ascii: "Z"), count: padding)
        return header.bytes
    }

    private static func largeField(_ values: [Int]) -> [UInt8] {
        guard !values.isEmpty else { return [] }
        var field = LittleEndianBytes()
        field.append([1, 8 * values.count], 2)
        field.append(values, 8)
        return field.bytes
    }

    private func descriptor(_ crc: UInt32, size: Int) -> [UInt8] {
        var descriptor = LittleEndianBytes()
        descriptor.append([0x0807_4B50, Int(crc)], 4)
        descriptor.append([size, size], size >= Self.large ? 8 : 4)
        return descriptor.bytes
    }

    private func directoryEntry(_ record: Record) -> [UInt8] {
        let size = min(record.size, Self.large)
        let offset = min(record.offset, Self.large)
        let large = Self.largeField(
            (size == Self.large ? [record.size, record.size] : []) + (offset == Self.large ? [record.offset] : []))
        var entry = LittleEndianBytes()
        entry.append(0x0201_4B50, 4)
        entry.append([0, 0, Self.flags, 0, 0, 0], 2)
        entry.append([Int(record.crc), size, size], 4)
        entry.append([record.name.utf8.count, large.count, 0, 0, 0], 2)
        entry.append([0, offset], 4)
        entry.bytes += Array(record.name.utf8) + large
        return entry.bytes
    }

    /// Writes the central directory and puts the file in its place.
    consuming func finish() throws(CheckpointError) {
        let start = file.position
        for record in records { try file.write(directoryEntry(record)) }
        let end = file.position
        var closing = LittleEndianBytes()
        closing.append([0x0606_4B50], 4)
        closing.append(44, 8)
        closing.append([0x031E, 45], 2)
        closing.append([0, 0], 4)
        closing.append([records.count, records.count, end - start, start], 8)
        closing.append([0x0706_4B50, 0], 4)
        closing.append(end, 8)
        closing.append([1, 0x0605_4B50], 4)
        let count = min(records.count, 0xFFFF)
        closing.append([0, 0, count, count], 2)
        closing.append([min(end - start, Self.large), min(start, Self.large)], 4)
        closing.append(0, 2)
        try file.write(closing.bytes)
        try file.commit()
    }
}

/// The checksum of an entry's bytes, computed by reading them once more.
private final class ContentChecksum {
    private let content: StoragePayload
    private(set) var result: Result<UInt32, CheckpointError> = .success(0)

    init(_ content: StoragePayload) {
        self.content = content
    }

    func take() {
        do throws(CheckpointError) {
            var crc: UInt32 = 0
            try content.stream(0..<content.byteCount) { bytes throws(CheckpointError) in
                crc = normscope_crc32(crc, bytes.baseAddress, bytes.count)
            }
            result = .success(crc)
        } catch {
            result = .failure(error)
        }
    }
}

/// A buffer of little-endian numbers.
private struct LittleEndianBytes {
    var bytes: [UInt8] = []

    mutating func append(_ value: Int, _ byteCount: Int) {
        for index in 0..<byteCount { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
    }

    mutating func append(_ values: [Int], _ byteCount: Int) {
        for value in values { append(value, byteCount) }
    }
}
