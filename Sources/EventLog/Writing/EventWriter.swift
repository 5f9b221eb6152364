import Files
import Glibc

/// A writer of one event file that TensorBoard opens as it is.
///
/// Values collect in memory; `flush` hands them to the system with one call. What didn't reach the disk is kept and
/// goes out first the next time, from the very byte where it stopped, so the log stays well-framed through a full disk.
/// Belongs to one thread. Steps and times are the caller's: nothing here looks at a clock.
package final class EventWriter {
    package let path: String
    /// Values that were given up because more than `pendingLimit` bytes were waiting for a disk that takes nothing.
    package private(set) var dropped = 0

    /// As much as is kept for a disk that is full.
    static let pendingLimit = 64 << 20

    private let file: any AppendedFile
    private var pending: [UInt8] = []

    /// Creates `events.out.tfevents.SECONDS.HOST.PID.N` in `directory`, which must exist, and writes what TensorBoard
    /// wants at its beginning.
    ///
    /// - Parameters:
    ///   - startedAt: seconds since 1970; the file's name begins with it, and TensorBoard reads files in that order.
    ///   - restartStep: for a run that goes on from a checkpoint: tells readers that whatever earlier files hold at this
    ///     step or later is void.
    package convenience init(
        directory: String, startedAt: Double, restartStep: Int64? = nil
    ) throws(EventLogError) {
        let (file, path) = try Self.create(in: directory, second: Int64(startedAt))
        self.init(file: file, path: path)
        begin(startedAt, restartStep)
        try flush()
    }

    init(file: any AppendedFile, path: String) {
        self.file = file
        self.path = path
        pending.reserveCapacity(1 << 16)
    }

    deinit {
        // Whoever wants to know whether it worked has called flush.
        try? flush()
    }

    /// How many bytes wait for the next flush.
    package var pendingBytes: Int { pending.count }

    /// Writes what has collected. On an error everything that isn't in the file yet is kept.
    package func flush() throws(EventLogError) {
        var written = 0
        var failure: Int32?
        pending.withUnsafeBytes { bytes in
            while written < bytes.count && failure == nil {
                let count = file.append(UnsafeRawBufferPointer(rebasing: bytes[written...]))
                if count > 0 { written += count } else { failure = count == 0 ? ENOSPC : Int32(-count) }
            }
        }
        pending.removeFirst(written)
        if let failure {
            throw .cannotWrite(path: path, pending: pending.count, reason: systemReason(failure))
        }
    }

    /// A single number. Costs some tens of nanoseconds.
    package func scalar(_ tag: String, step: Int64, value: Float, wallTime: Double) {
        let tagSize = tag.utf8.count
        let valueSize = 1 + WireWriter.size(of: UInt64(tagSize)) + tagSize + 5
        let summarySize = 1 + WireWriter.size(of: UInt64(valueSize)) + valueSize
        record { bytes in
            bytes.event(wallTime, step)
            bytes.open(5, summarySize)
            bytes.open(1, valueSize)
            bytes.open(1, tagSize)
            bytes.append(contentsOf: tag.utf8)
            bytes.append(2 << 3 | 5)
            bytes.little(value.bitPattern)
        }
    }

    /// A record around what `fill` appends.
    func record(_ fill: (inout [UInt8]) -> Void) {
        guard pending.count < Self.pendingLimit else {
            dropped += 1
            return
        }
        let start = pending.count
        pending.little(UInt64(0))
        pending.little(UInt32(0))
        fill(&pending)
        pending.closeRecord(from: start)
    }
}

extension EventWriter {
    private static func create(in directory: String, second: Int64) throws(EventLogError) -> (DiskFile, String) {
        let seconds = String(second)
        let padded = String(repeating: "0", count: max(0, 10 - seconds.count)) + seconds
        let stem = "\(directory)/events.out.tfevents.\(padded).\(hostName).\(getpid())"
        for number in 0..<10_000 {
            let path = "\(stem).\(number)"
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o644)
            if descriptor >= 0 { return (DiskFile(descriptor), path) }
            if errno != EEXIST { throw .cannotCreate(path: path, reason: systemReason(errno)) }
        }
        throw .cannotCreate(path: stem, reason: "ten thousand files of that name exist")
    }

    private static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, 255) == 0 else { return "localhost" }
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let host = String(decoding: bytes, as: UTF8.self).filter { $0 != "/" }
        return host.isEmpty ? "localhost" : host
    }

    /// The file's version, without which readers guess at restarts from steps; who wrote it; and the restart.
    private func begin(_ startedAt: Double, _ restartStep: Int64?) {
        var opening = WireWriter()
        opening.double(1, startedAt)
        opening.string(3, "brain.Event:2")
        opening.message(10) { $0.string(1, "normscope") }
        record { $0.append(contentsOf: opening.bytes) }
        guard let restartStep else { return }
        var restart = WireWriter()
        restart.double(1, startedAt)
        restart.varint(2, UInt64(bitPattern: restartStep))
        restart.message(7) { $0.varint(1, 1) }
        record { $0.append(contentsOf: restart.bytes) }
    }
}

extension [UInt8] {
    @inline(__always)
    fileprivate mutating func little(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    @inline(__always)
    fileprivate mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }

    /// The key and length of a field of bytes; the bytes follow.
    @inline(__always)
    fileprivate mutating func open(_ number: UInt8, _ size: Int) {
        append(number << 3 | 2)
        varint(UInt64(size))
    }

    /// An event's time and step.
    @inline(__always)
    fileprivate mutating func event(_ wallTime: Double, _ step: Int64) {
        append(1 << 3 | 1)
        little(wallTime.bitPattern)
        append(2 << 3)
        varint(UInt64(bitPattern: step))
    }

    /// Fills in the header of the record that began at `start`, and closes it.
    fileprivate mutating func closeRecord(from start: Int) {
        let dataStart = start + RecordFraming.headerSize
        let length = UInt64(count - dataStart)
        let sum = withUnsafeBytes { Checksum.masked(UnsafeRawBufferPointer(rebasing: $0[dataStart...])) }
        withUnsafeMutableBytes { bytes in
            bytes.storeBytes(of: length.littleEndian, toByteOffset: start, as: UInt64.self)
            bytes.storeBytes(of: Checksum.masked(length: length).littleEndian, toByteOffset: start + 8, as: UInt32.self)
        }
        little(sum)
    }
}
