import CZlib

/// The table of contents of a zip file (PKWARE's APPNOTE.TXT, zip64 included), checked before anything is read:
/// every entry lies inside the file and no two overlap.
///
/// It is not a general unzipper: entries are stored or deflated, on one disk, and not encrypted.
struct ZipArchive: Sendable {
    /// One file in the archive.
    struct Entry: Sendable {
        let name: String
        let isDeflated: Bool
        let crc: UInt32
        /// Bytes in the archive and, for a deflated entry more, once inflated.
        let storedByteCount: Int
        let byteCount: Int
        let headerOffset: Int
    }

    /// More than any checkpoint has; a directory that lists more is an attempt to fill the memory.
    private static let entryLimit = 100_000
    private static let endRecordSize = 22
    private static let endRecordSignature: [UInt8] = [0x50, 0x4B, 5, 6]

    let source: FileSource
    let entries: [Entry]
    private let indexByName: [String: Int]

    init(_ source: FileSource) throws(CheckpointError) {
        self.source = source
        let directory = try Directory.locate(in: source)
        entries = try Self.parse(directory, source)
        var indexByName: [String: Int] = [:]
        for (index, entry) in entries.enumerated() {
            guard indexByName.updateValue(index, forKey: entry.name) == nil else {
                throw .damaged(path: source.path, place: "entry '\(entry.name)'", problem: "listed twice")
            }
        }
        self.indexByName = indexByName
        try checkOverlap(directoryStart: directory.range.lowerBound)
    }

    subscript(name: String) -> Entry? {
        indexByName[name].map { entries[$0] }
    }

    /// Where an entry's bytes stand in the file, found through its local header.
    func range(of entry: Entry) throws(CheckpointError) -> Range<Int> {
        let header = try source.bytes(entry.headerOffset..<entry.headerOffset + 30)
        guard header.littleEndian(at: 0, 4) == 0x0403_4B50 else {
            throw damaged(entry, "no local header at byte \(entry.headerOffset)")
        }
        let variable = Int(header.littleEndian(at: 26, 2) + header.littleEndian(at: 28, 2))
        let start = entry.headerOffset + 30 + variable
        guard start + entry.storedByteCount <= source.byteCount else {
            throw damaged(entry, "\(entry.storedByteCount) bytes expected, \(source.byteCount - start) are there")
        }
        return start..<start + entry.storedByteCount
    }

    func damaged(_ entry: Entry, _ problem: String) -> CheckpointError {
        .damaged(path: source.path, place: "entry '\(entry.name)'", problem: problem)
    }

    private func checkOverlap(directoryStart: Int) throws(CheckpointError) {
        let ordered = entries.sorted { $0.headerOffset < $1.headerOffset }
        for (index, entry) in ordered.enumerated() {
            let end = index + 1 < ordered.count ? ordered[index + 1].headerOffset : directoryStart
            let needed = entry.headerOffset + 30 + entry.name.utf8.count + entry.storedByteCount
            guard needed <= end else {
                throw damaged(entry, "its \(entry.storedByteCount) bytes reach into what follows at byte \(end)")
            }
        }
    }

    // MARK: - The central directory

    private static func parse(_ directory: Directory, _ source: FileSource) throws(CheckpointError) -> [Entry] {
        guard directory.entryCount <= entryLimit else {
            throw .damaged(
                path: source.path, place: "zip directory", problem: "\(directory.entryCount) entries are listed")
        }
        var cursor = ByteCursor(source, directory.range, name: "zip directory")
        var entries: [Entry] = []
        for _ in 0..<directory.entryCount {
            entries.append(try parseEntry(&cursor, limit: directory.range.lowerBound))
        }
        return entries
    }

    private static func parseEntry(_ cursor: inout ByteCursor, limit: Int) throws(CheckpointError) -> Entry {
        let fixed = [UInt8](try cursor.take(46))
        guard fixed.littleEndian(at: 0, 4) == 0x0201_4B50 else { throw cursor.damaged("no directory entry here") }
        let name = String(decoding: try cursor.take(Int(fixed.littleEndian(at: 28, 2))), as: UTF8.self)
        let extra = [UInt8](try cursor.take(Int(fixed.littleEndian(at: 30, 2))))
        _ = try cursor.take(Int(fixed.littleEndian(at: 32, 2)))
        try checkMethod(fixed, name: name, cursor)
        let large = try LargeFields(extra, fixed, cursor)
        guard large.offset < UInt64(limit), large.storedSize <= UInt64(limit), large.size <= UInt64(Int.max) else {
            throw cursor.damaged("entry '\(name)' claims \(large.storedSize) bytes at byte \(large.offset)")
        }
        return Entry(
            name: name, isDeflated: fixed.littleEndian(at: 10, 2) == 8, crc: UInt32(fixed.littleEndian(at: 16, 4)),
            storedByteCount: Int(large.storedSize), byteCount: Int(large.size), headerOffset: Int(large.offset))
    }

    private static func checkMethod(_ fixed: [UInt8], name: String, _ cursor: ByteCursor) throws(CheckpointError) {
        let method = fixed.littleEndian(at: 10, 2)
        guard fixed.littleEndian(at: 8, 2) & 1 == 0 else {
            throw .unsupported(
                path: cursor.path, what: "entry '\(name)' is encrypted", advice: "decrypt the archive first")
        }
        guard method == 0 || method == 8 else {
            throw .unsupported(
                path: cursor.path, what: "entry '\(name)' is compressed by method \(method)",
                advice: "save it again with torch.save")
        }
        guard method == 8 || fixed.littleEndian(at: 20, 4) == fixed.littleEndian(at: 24, 4) else {
            throw cursor.damaged("entry '\(name)' is stored, yet its two sizes differ")
        }
    }

    /// Sizes and offset of an entry, from the zip64 field where the short ones say so (all ones).
    private struct LargeFields {
        private(set) var size: UInt64
        private(set) var storedSize: UInt64
        private(set) var offset: UInt64

        init(_ extra: [UInt8], _ fixed: [UInt8], _ cursor: ByteCursor) throws(CheckpointError) {
            size = fixed.littleEndian(at: 24, 4)
            storedSize = fixed.littleEndian(at: 20, 4)
            offset = fixed.littleEndian(at: 42, 4)
            guard size == 0xFFFF_FFFF || storedSize == 0xFFFF_FFFF || offset == 0xFFFF_FFFF else { return }
            guard var field = Self.field(1, in: extra) else { return }
            for value in [\Self.size, \Self.storedSize, \Self.offset] where self[keyPath: value] == 0xFFFF_FFFF {
                guard field.count >= 8 else { throw cursor.damaged("a zip64 field is too short") }
                self[keyPath: value] = field.littleEndian(at: 0, 8)
                field = field.dropFirst(8)
            }
        }

        private static func field(_ identifier: UInt64, in extra: [UInt8]) -> ArraySlice<UInt8>? {
            var rest = extra[...]
            while rest.count >= 4 {
                let length = Int(rest.littleEndian(at: 2, 2))
                guard rest.count >= 4 + length else { return nil }
                if rest.littleEndian(at: 0, 2) == identifier { return rest.dropFirst(4).prefix(length) }
                rest = rest.dropFirst(4 + length)
            }
            return nil
        }
    }

    /// Where the central directory stands, as the end record (or its zip64 form) says.
    private struct Directory {
        let range: Range<Int>
        let entryCount: Int

        static func locate(in source: FileSource) throws(CheckpointError) -> Directory {
            let tailStart = max(0, source.byteCount - (65_535 + endRecordSize))
            let tail = try source.bytes(tailStart..<source.byteCount)
            guard let place = endRecord(in: tail) else {
                throw .damaged(
                    path: source.path, place: "end of file", problem: "a zip file's end record is not there")
            }
            let record = tail[place..<place + endRecordSize]
            let position = tailStart + place
            if let large = try largeDirectory(source, endRecordAt: position) { return large }
            return try Directory(
                source, offset: record.littleEndian(at: 16, 4), size: record.littleEndian(at: 12, 4),
                count: record.littleEndian(at: 10, 2), before: position)
        }

        private init(
            _ source: FileSource, offset: UInt64, size: UInt64, count: UInt64, before end: Int
        ) throws(CheckpointError) {
            let (directoryEnd, overflow) = offset.addingReportingOverflow(size)
            guard !overflow, directoryEnd <= UInt64(end), count <= size / 46 else {
                throw .damaged(
                    path: source.path, place: "byte \(end)",
                    problem: "the zip directory (\(count) entries, \(size) bytes at byte \(offset)) does not fit")
            }
            range = Int(offset)..<Int(directoryEnd)
            entryCount = Int(count)
        }

        /// The last place where an end record could stand with its comment reaching exactly to the end.
        private static func endRecord(in tail: [UInt8]) -> Int? {
            guard tail.count >= endRecordSize else { return nil }
            return (0...tail.count - endRecordSize).last { place in
                tail[place..<place + 4].elementsEqual(endRecordSignature)
                    && place + endRecordSize + Int(tail.littleEndian(at: place + 20, 2)) == tail.count
            }
        }

        private static func largeDirectory(
            _ source: FileSource, endRecordAt end: Int
        ) throws(CheckpointError) -> Directory? {
            guard end >= 20 else { return nil }
            let locator = try source.bytes(end - 20..<end)
            guard locator.littleEndian(at: 0, 4) == 0x0706_4B50 else { return nil }
            let offset = locator.littleEndian(at: 8, 8)
            guard end >= 76, offset <= UInt64(end - 76) else {
                throw .damaged(
                    path: source.path, place: "byte \(end - 20)",
                    problem: "the zip64 end record is said to be at byte \(offset)")
            }
            let record = try source.bytes(Int(offset)..<Int(offset) + 56)
            guard record.littleEndian(at: 0, 4) == 0x0606_4B50 else {
                throw .damaged(path: source.path, place: "byte \(offset)", problem: "no zip64 end record here")
            }
            return try Directory(
                source, offset: record.littleEndian(at: 48, 8), size: record.littleEndian(at: 40, 8),
                count: record.littleEndian(at: 32, 8), before: Int(offset))
        }
    }
}
