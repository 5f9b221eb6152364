import Glibc

/// An entry of a folder.
package struct FolderEntry: Sendable {
    package let name: String
    private let path: String
    private let type: UInt8

    fileprivate init(_ entry: UnsafeMutablePointer<dirent>, in folder: String) {
        name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
        }
        path = folder + "/" + name
        type = entry.pointee.d_type
    }

    package var isHidden: Bool { name.hasPrefix(".") }

    /// Whether it is a folder, or a link to one. The listing itself says so on most file systems; for links and on others
    /// the entry must be looked at.
    package var isFolder: Bool {
        switch Int(type) {
        case Int(DT_DIR): true
        case Int(DT_LNK), Int(DT_UNKNOWN): FileVersion(path)?.isFolder == true
        default: false
        }
    }
}

/// Folders: listing, making and removing them.
package enum Folder {
    /// The entries of a folder but for `.` and `..`, in the file system's order.
    package static func entries(of path: String) throws(FileError) -> [FolderEntry] {
        guard let stream = opendir(path) else { throw .unlistable(path: path, code: errno) }
        defer { closedir(stream) }
        var entries: [FolderEntry] = []
        while let next = readdir(stream) {
            let entry = FolderEntry(next, in: path)
            if entry.name != "." && entry.name != ".." { entries.append(entry) }
        }
        return entries
    }

    /// The names in a folder but for hidden ones, sorted; none if it can't be listed.
    package static func names(in path: String) -> [String] {
        ((try? entries(of: path)) ?? []).filter { !$0.isHidden }.map(\.name).sorted()
    }

    /// Makes a folder, and those above it that are missing.
    ///
    /// - Parameter mode: the permissions of all that are made, before the user's mask.
    package static func make(_ path: String, mode: mode_t = 0o777) throws(FileError) {
        if FileVersion(path) != nil { return }
        let parent = FilePath.parent(path)
        if parent != path { try make(parent, mode: mode) }
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw .unwritable(path: path, code: errno) }
    }

    /// Removes a file, or a folder with everything in it. A link is removed, what it leads to stays.
    package static func remove(_ path: String) throws(FileError) {
        if unlink(path) == 0 { return }
        // Linux says EISDIR of a folder, POSIX EPERM.
        guard errno == EISDIR || errno == EPERM else { throw .unremovable(path: path, code: errno) }
        var info = stat()
        guard lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR else {
            throw .unremovable(path: path, code: EPERM)
        }
        for entry in try entries(of: path) { try remove(path + "/" + entry.name) }
        guard rmdir(path) == 0 else { throw .unremovable(path: path, code: errno) }
    }
}
