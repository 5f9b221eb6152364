import Glibc

/// The identity of a file: the same for all its names, for as long as it is there.
package struct FileIdentity: Hashable, Sendable {
    package let device: UInt
    package let inode: UInt
}

/// The version of a file or folder: two looks that give equal versions have very likely met the same content.
///
/// For a folder, whose times may be coarse, `FolderVersion` says when that is certain.
package struct FileVersion: Equatable, Sendable {
    package enum Kind: Sendable {
        case file, folder
        /// A device, a pipe, a socket.
        case other
    }

    package let identity: FileIdentity
    package let kind: Kind
    /// Bytes.
    package let size: Int
    /// Seconds since 1970 at which the content changed last.
    package let modified: Double
    /// Seconds since 1970 at which the content, or what the system knows of the file, changed last.
    package let changed: Double

    /// Nil if nothing can be looked at there; errno then says why. Links are followed.
    package init?(_ path: String) {
        var info = stat()
        guard stat(path, &info) == 0 else { return nil }
        identity = FileIdentity(device: UInt(info.st_dev), inode: UInt(info.st_ino))
        kind =
            switch info.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            default: .other
            }
        size = Int(info.st_size)
        modified = Double(info.st_mtim.tv_sec) + Double(info.st_mtim.tv_nsec) * 1e-9
        changed = Double(info.st_ctim.tv_sec) + Double(info.st_ctim.tv_nsec) * 1e-9
    }

    package var isFolder: Bool { kind == .folder }
}
