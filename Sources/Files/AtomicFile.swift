import Glibc

/// A file that appears under its name whole or not at all.
///
/// It is written beside its destination, under a name that nobody else can have prepared, and then renamed over it.
/// Until `commit` returns, and after any failure, what stood there before still stands, and nothing is left over. A
/// file that is replaced hands down its permissions.
package struct AtomicFile: ~Copyable {
    /// What is promised beyond that.
    package struct Options: Sendable {
        /// Whether the bytes and the name are on the disk, safe from a power failure, before `commit` returns.
        package var isDurable: Bool
        /// Whether a symbolic link at the destination stays and the file that it leads to is replaced; otherwise the
        /// link is.
        package var followsLinks: Bool
        /// Permissions of a file that was not there before, before the user's mask.
        package var mode: mode_t

        /// For what took long to make.
        package static let durable = Options(isDurable: true, followsLinks: true, mode: 0o666)
        /// For what can be made again, or is replaced soon.
        package static let transient = Options(isDurable: false, followsLinks: false, mode: 0o644)
    }

    private static let bufferSize = 1 << 20
    /// After so many bytes the disk begins with them, while the next ones are made and written: the synchronizing at the
    /// end then waits for the last of them only.
    private static let stretchSize = 8 << 20

    /// The descriptor and how to write to it.
    private struct Output {
        let path: String
        let operations: FileOperations
        let descriptor: Int32

        func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
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

        func synchronize() throws(FileError) {
            guard operations.synchronize(descriptor) == 0 else { throw failure(errno) }
        }

        func failure(_ code: Int32) -> FileError { .unwritable(path: path, code: code) }
    }

    private let options: Options
    private let destination: String
    private let temporary: String
    private let output: Output
    private var isCommitted = false
    private var buffer: [UInt8] = []
    /// Bytes that were given so far.
    package private(set) var position = 0
    /// Bytes that were written and that the disk was told to begin with.
    private var written = 0
    private var begun = 0

    package init(
        replacing path: String, options: Options, operations: FileOperations = .system
    ) throws(FileError) {
        self.options = options
        destination = options.followsLinks ? Self.resolved(path) : path
        temporary = Self.temporaryName(for: destination)
        let mode = Self.mode(of: destination)
        let descriptor = open(
            temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode ?? options.mode)
        output = Output(path: path, operations: operations, descriptor: descriptor)
        guard descriptor >= 0 else { throw output.failure(errno) }
        // The user's mask was taken off; what the file had may be more.
        if let mode { fchmod(descriptor, mode) }
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

    /// The permissions of the file that is replaced; nil if there is none.
    private static func mode(of path: String) -> mode_t? {
        var info = stat()
        guard lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return nil }
        return info.st_mode & 0o777
    }

    private static func temporaryName(for path: String) -> String {
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { path[...$0] } ?? ""
        let suffix = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        return folder + ".normscope-\(getpid())-\(suffix).tmp"
    }

    package mutating func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        position += bytes.count
        if buffer.count + bytes.count <= Self.bufferSize {
            buffer += bytes
        } else {
            try flush()
            try put(bytes)
        }
    }

    package mutating func write(_ bytes: [UInt8]) throws(FileError) {
        position += bytes.count
        buffer += bytes
        if buffer.count >= Self.bufferSize { try flush() }
    }

    private mutating func flush() throws(FileError) {
        let full = buffer
        buffer = []
        var failure: FileError?
        full.withUnsafeBytes { bytes in
            do throws(FileError) { try put(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
        buffer = full
        buffer.removeAll(keepingCapacity: true)
    }

    private mutating func put(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        try output.write(bytes)
        written += bytes.count
        guard options.isDurable, written - begun >= Self.stretchSize else { return }
        output.operations.beginSynchronizing(output.descriptor, begun..<written)
        begun = written
    }

    /// Puts the file in its place.
    package consuming func commit() throws(FileError) {
        try flush()
        if options.isDurable { try output.synchronize() }
        guard output.operations.rename(temporary, destination) == 0 else { throw output.failure(errno) }
        isCommitted = true
        if options.isDurable { try synchronizeFolder() }
    }

    private func synchronizeFolder() throws(FileError) {
        let folder = destination.lastIndex(of: "/").map { String(destination[...$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw output.failure(errno) }
        defer { close(descriptor) }
        // Some file systems (over a network) can't synchronize a folder and say EINVAL; the rename is done by then.
        guard output.operations.synchronize(descriptor) == 0 || errno == EINVAL else { throw output.failure(errno) }
    }
}

extension AtomicFile {
    /// Puts `bytes` in the place of a file in one go: whoever reads sees the old content or the new.
    package static func replace(
        _ path: String, with bytes: [UInt8], options: Options = .transient
    ) throws(FileError) {
        var file = try AtomicFile(replacing: path, options: options)
        try file.write(bytes)
        try file.commit()
    }

    package static func replace(_ path: String, with text: String, options: Options = .transient) throws(FileError) {
        try replace(path, with: Array(text.utf8), options: options)
    }

    /// Puts what `produce` gives, a stretch of text at a time, in the place of a file in one go.
    package static func replace(
        _ path: String, options: Options = .transient, _ produce: (_ put: (String) throws -> Void) throws -> Void
    ) throws {
        var file = try AtomicFile(replacing: path, options: options)
        try produce { text in try file.write(Array(text.utf8)) }
        try file.commit()
    }
}
