import Glibc

/// The names in a directory, read again only when the directory may have changed.
struct DirectoryListing {
    private var modified: timespec?
    /// Seconds since 1970 at which the names were read.
    private var readAt = 0

    /// The names, or nil if they are those of the last call.
    mutating func update(_ path: String) throws(EventLogError) -> [String]? {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .unreadableDirectory(path: path, reason: systemReason(errno)) }
        let now = time(nil)
        if let modified, !mayHaveChanged(status.st_mtim, since: modified) { return nil }
        let names = try Self.names(in: path)
        modified = status.st_mtim
        readAt = now
        return names
    }

    mutating func forget() {
        modified = nil
    }

    /// A directory's time of modification is coarse: what came within the same few seconds as the last reading may have
    /// left it as it was.
    private func mayHaveChanged(_ now: timespec, since before: timespec) -> Bool {
        now.tv_sec != before.tv_sec || now.tv_nsec != before.tv_nsec || (readAt &- before.tv_sec).magnitude < 3
    }

    private static func names(in path: String) throws(EventLogError) -> [String] {
        guard let directory = opendir(path) else {
            throw .unreadableDirectory(path: path, reason: systemReason(errno))
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = DirectoryContents.name(of: entry)
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }
}
