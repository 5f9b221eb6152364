import Glibc

/// Reading and replacing small files as a whole: those of a run directory, and the user's own settings.
package enum SmallFile {
    /// The bytes of a regular file of at most `limit` bytes, or `nil` if there is none of that name. What is read is one
    /// version of it, even when another is renamed into its place meanwhile.
    package static func read(_ path: String, limit: Int) throws(RunsError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .unreadable(path: path, reason: systemError())
        }
        defer { close(descriptor) }
        var info = stat()
        guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(path: path, reason: "it is not a file")
        }
        guard info.st_size <= limit else {
            throw .unreadable(path: path, reason: "it has \(info.st_size) bytes, more than the \(limit) it may have")
        }
        return try readAll(descriptor, path: path, limit: limit)
    }

    /// Puts `bytes` in the place of a file in one go: whoever reads sees the old content or the new. Not synced to disk.
    package static func replace(_ path: String, with bytes: [UInt8]) throws(RunsError) {
        let temporary = "\(path).\(getpid()).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw .unwritable(path: path, reason: systemError()) }
        var problem = write(bytes, to: descriptor)
        if close(descriptor) != 0 && problem == nil { problem = systemError() }
        if problem == nil && rename(temporary, path) != 0 { problem = systemError() }
        if let problem {
            unlink(temporary)
            throw .unwritable(path: path, reason: problem)
        }
    }

    package static func systemError(_ code: Int32 = errno) -> String {
        String(cString: strerror(code))
    }

    /// Writes all of `bytes`; gives what went wrong.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> String? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                return systemError()
            }
        }
        return nil
    }

    private static func readAll(_ descriptor: Int32, path: String, limit: Int) throws(RunsError) -> [UInt8] {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 16 * 1024)
        while bytes.count <= limit {
            let count = Glibc.read(descriptor, &block, block.count)
            if count == 0 { return bytes }
            if count < 0 {
                guard errno == EINTR else { throw .unreadable(path: path, reason: systemError()) }
                continue
            }
            bytes += block[..<count]
        }
        throw .unreadable(path: path, reason: "it grew past the \(limit) bytes it may have")
    }
}
