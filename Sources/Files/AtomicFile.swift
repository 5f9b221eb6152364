import CFilePages
import Glibc

/// The calls that put a file on the disk, so that a test can let any of them fail.
package struct FileOperations: Sendable {
    /// As the system call: how many bytes were taken, or -1 and errno.
    package var write: @Sendable (Int32, UnsafeRawBufferPointer) -> Int
    package var synchronize: @Sendable (Int32) -> Int32
    /// Lets the disk begin with a range of the file's bytes, which are all written; a hint that can't fail.
    package var beginSynchronizing: @Sendable (Int32, Range<Int>) -> Void
    package var rename: @Sendable (String, String) -> Int32

    package static let system = FileOperations(
        write: { Glibc.write($0, $1.baseAddress, $1.count) },
        synchronize: { fsync($0) },
        beginSynchronizing: { descriptor, range in
            normscope_begin_synchronizing(descriptor, Int64(range.lowerBound), Int64(range.count))
        },
        rename: { Glibc.rename($0, $1) })

    /// The system's, telling `goOn` how many bytes are to be written; false ends the writing with
    /// `CheckpointError.cancelled`, and everything stays as it was.
    package static func observed(_ goOn: @escaping @Sendable (_ byteCount: Int) -> Bool) -> FileOperations {
        var operations = system
        operations.write = { descriptor, bytes in
            guard goOn(bytes.count) else {
                errno = ECANCELED
                return -1
            }
            return system.write(descriptor, bytes)
        }
        return operations
    }
}

/// A file that appears under its name whole or not at all.
///
/// It is written beside its destination and then renamed over it; both the bytes and the name are on the disk before
/// `commit` returns. Until then, and after any failure, what stood there before still stands, and nothing is left over.
struct AtomicFile: ~Copyable {
    private static let bufferSize = 1 << 20
    /// After so many bytes the disk begins with them, while the next ones are made and written: the synchronizing at the
    /// end then waits for the last of them only.
    private static let stretchSize = 8 << 20

    /// The descriptor and how to write to it.
    private struct Output {
        let path: String
        let operations: FileOperations
        let descriptor: Int32

        func write(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
            var done = 0
            while done < bytes.count {
                let count = operations.write(descriptor, UnsafeRawBufferPointer(rebasing: bytes[done...]))
                if count > 0 {
                    done += count
                } else if count == 0 || errno != EINTR {
                    throw failure(count == 0 ? EIO : errno)
                }
            }
        }

        func synchronize() throws(CheckpointError) {
            guard operations.synchronize(descriptor) == 0 else { throw failure(errno) }
        }

        func failure(_ code: Int32) -> CheckpointError {
            code == ECANCELED ? .cancelled(path: path) : .system(path: path, operation: "write", code: code)
        }
    }

    private let destination: String
    private let temporary: String
    private let output: Output
    private var isCommitted = false
    private var buffer: [UInt8] = []
    /// Bytes that were given so far.
    private(set) var position = 0
    /// Bytes that were written and that the disk was told to begin with.
    private var written = 0
    private var begun = 0

    init(replacing path: String, operations: FileOperations = .system) throws(CheckpointError) {
        destination = Self.resolved(path)
        temporary = Self.temporaryName(for: destination)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        output = Output(path: path, operations: operations, descriptor: descriptor)
        guard descriptor >= 0 else { throw output.failure(errno) }
        buffer.reserveCapacity(Self.bufferSize)
    }

    deinit {
        close(output.descriptor)
        if !isCommitted { unlink(temporary) }
    }

    /// Where a symbolic link leads: the link stays, the file behind it is replaced.
    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    private static func temporaryName(for path: String) -> String {
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { path[...$0] } ?? ""
        let suffix = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        return folder + ".checkpoint-\(getpid())-\(suffix).tmp"
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
        position += bytes.count
        if buffer.count + bytes.count <= Self.bufferSize {
            buffer += bytes
        } else {
            try flush()
            try put(bytes)
        }
    }

    mutating func write(_ bytes: [UInt8]) throws(CheckpointError) {
        position += bytes.count
        buffer += bytes
        if buffer.count >= Self.bufferSize { try flush() }
    }

    private mutating func flush() throws(CheckpointError) {
        let full = buffer
        buffer = []
        try full.withBytes { bytes throws(CheckpointError) in try put(bytes) }
        buffer = full
        buffer.removeAll(keepingCapacity: true)
    }

    private mutating func put(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
        try output.write(bytes)
        written += bytes.count
        guard written - begun >= Self.stretchSize else { return }
        output.operations.beginSynchronizing(output.descriptor, begun..<written)
        begun = written
    }

    /// Puts the file in its place. Afterwards it survives a power failure.
    consuming func commit() throws(CheckpointError) {
        try flush()
        try output.synchronize()
        guard output.operations.rename(temporary, destination) == 0 else { throw output.failure(errno) }
        isCommitted = true
        try synchronizeFolder()
    }

    private func synchronizeFolder() throws(CheckpointError) {
        let folder = destination.lastIndex(of: "/").map { String(destination[...$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw output.failure(errno) }
        defer { close(descriptor) }
        // Some file systems (over a network) can't synchronize a folder and say EINVAL; the rename is done by then.
        guard output.operations.synchronize(descriptor) == 0 || errno == EINVAL else { throw output.failure(errno) }
    }
}
