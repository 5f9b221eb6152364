import Files
import Glibc
import Synchronization

/// An open file for reading at any offset.
///
/// What is kept is copied out of the file; large stretches that are only gone through are mapped, which spares the copy.
/// Either way a program that overwrites the file while it is looked at (`torch.save` truncates in place) causes an error
/// here, and no more.
final class FileSource: Sendable {
    /// The size from which mapping a range is faster than copying it.
    private static let mappedByteCount = 1 << 20
    /// The amount of a mapping that is read ahead at once: small enough to be cancelled soon on a slow disk.
    private static let preparedByteCount = 4 << 20

    private enum Mapping {
        case untried, impossible
        case mapped(FileMapping)
    }

    let path: String
    let byteCount: Int
    private let descriptor: Int32
    private let mapping = Mutex(Mapping.untried)

    init(_ path: String) throws(CheckpointError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .system(path: path, operation: "open", code: errno) }
        do throws(CheckpointError) {
            byteCount = try Self.regularFileSize(descriptor, path)
        } catch {
            close(descriptor)
            throw error
        }
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    private static func regularFileSize(_ descriptor: Int32, _ path: String) throws(CheckpointError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(path: path, operation: "open", code: errno) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return Int(status.st_size)
        case S_IFDIR: throw .system(path: path, operation: "open", code: EISDIR)
        default: throw .notACheckpoint(path: path, found: "a device or a pipe")
        }
    }

    /// Fills `buffer` with the bytes at `offset`.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(CheckpointError) {
        var done = 0
        while done < buffer.count {
            let count = pread(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
            if count > 0 {
                done += count
            } else if count == 0 {
                throw shortened(at: offset + done)
            } else if errno != EINTR {
                throw .system(path: path, operation: "read", code: errno)
            }
        }
    }

    private func shortened(at offset: Int) -> CheckpointError {
        .damaged(path: path, place: "byte \(offset)", problem: "the file became shorter while it was read")
    }

    /// The bytes of a range, which must lie inside the file.
    func bytes(_ range: Range<Int>) throws(CheckpointError) -> [UInt8] {
        guard range.lowerBound >= 0, range.upperBound <= byteCount else {
            throw .damaged(
                path: path, place: "byte \(range.lowerBound)",
                problem: "\(range.count) bytes expected, \(max(0, byteCount - range.lowerBound)) are there")
        }
        return try [UInt8](readingCount: range.count) { buffer throws(CheckpointError) in
            try self.read(at: range.lowerBound, into: buffer)
        }
    }

    /// Calls `body` with a range of the file, which must lie inside it, a piece at a time: `pieceSize` bytes, and the
    /// rest at the end. Pieces are aligned for every type and may be overwritten.
    func pieces(
        of range: Range<Int>, pieceSize: Int,
        _ body: (UnsafeMutableRawBufferPointer) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: min(pieceSize, range.count), alignment: 64)
        defer { buffer.deallocate() }
        for start in stride(from: range.lowerBound, to: range.upperBound, by: pieceSize) {
            let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(pieceSize, range.upperBound - start)])
            try read(at: start, into: piece)
            try body(piece)
        }
    }
}

/// Reading large ranges without copying them.
extension FileSource {
    /// `pieces` without copying, for reading only; false, with nothing done, if the range is too small for a mapping to
    /// pay, does not start at a multiple of `alignment`, or can't be mapped.
    func mappedPieces(
        of range: Range<Int>, pieceSize: Int, alignment: Int,
        _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
    ) throws(CheckpointError) -> Bool {
        guard range.count >= Self.mappedByteCount, range.lowerBound % alignment == 0, let mapping = fileMapping() else {
            return false
        }
        var prepared = range.lowerBound
        for start in stride(from: range.lowerBound, to: range.upperBound, by: pieceSize) {
            let piece = start..<min(start + pieceSize, range.upperBound)
            if piece.upperBound > prepared {
                let next = prepared..<min(max(piece.upperBound, prepared + Self.preparedByteCount), range.upperBound)
                mapping.prepare(next)
                prepared = next.upperBound
            }
            try mapping.withBytes(piece, body)
            guard !mapping.isBroken else { throw shortened(at: start) }
        }
        return true
    }

    private func fileMapping() -> FileMapping? {
        mapping.withLock { state in
            if case .untried = state {
                state = FileMapping(descriptor: descriptor, byteCount: byteCount).map(Mapping.mapped) ?? .impossible
            }
            guard case .mapped(let mapping) = state else { return nil }
            return mapping
        }
    }
}

/// Asks for huge pages (2 MB) where the memory has room for them: it is touched for the first time while it is filled,
/// and small pages would cost more than the reading.
private func adviseLargePages(_ bytes: UnsafeMutableRawBufferPointer) {
    let page = 2 << 20
    guard bytes.count >= 2 * page, let base = bytes.baseAddress else { return }
    let start = UnsafeMutableRawPointer(bitPattern: (UInt(bitPattern: base) + UInt(page) - 1) / UInt(page) * UInt(page))
    let count = (bytes.count - page) / page * page
    // MADV_HUGEPAGE; a kernel without it says so and nothing is lost.
    madvise(start, count, 14)
}

extension Array where Element: BitwiseCopyable {
    /// An array of `count` elements whose memory `fill` writes, all of it.
    init<Failure: Error>(
        readingCount count: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        var failure: Failure?
        self.init(unsafeUninitializedCapacity: count) { buffer, initializedCount in
            let bytes = UnsafeMutableRawBufferPointer(
                rebasing: UnsafeMutableRawBufferPointer(buffer)[..<(count * MemoryLayout<Element>.stride)])
            adviseLargePages(bytes)
            do throws(Failure) {
                try fill(bytes)
                initializedCount = count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }
}

extension Collection<UInt8> where Index == Int {
    /// The little-endian number of `byteCount` (1…8) bytes at `offset` from the start.
    ///
    /// - Precondition: the bytes are there.
    func littleEndian(at offset: Int, _ byteCount: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in (0..<byteCount).reversed() {
            value = value << 8 | UInt64(self[startIndex + offset + index])
        }
        return value
    }
}
