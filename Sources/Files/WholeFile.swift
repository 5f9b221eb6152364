import Glibc

/// The content of a file, read as a whole where it has no more than a given number of bytes.
package enum WholeFile {
    /// The bytes of a regular file of at most `limit` bytes, or nil if there is none of that name. What is read is one
    /// version of it, even when another is renamed into its place meanwhile.
    package static func read(_ path: String, limit: Int) throws(FileError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .unreadable(path: path, reason: systemReason())
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

    /// Files of `/proc` have a size of 0, so the end is where nothing more comes.
    private static func readAll(_ descriptor: Int32, path: String, limit: Int) throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 16 * 1024)
        while bytes.count <= limit {
            let count = Glibc.read(descriptor, &block, block.count)
            if count == 0 { return bytes }
            if count < 0 {
                guard errno == EINTR else { throw .unreadable(path: path, reason: systemReason()) }
                continue
            }
            bytes += block[..<count]
        }
        throw .unreadable(path: path, reason: "it grew past the \(limit) bytes it may have")
    }
}
