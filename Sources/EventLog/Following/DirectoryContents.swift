import CEventLog
import Glibc

/// What a directory holds, as far as finding runs goes: its subdirectories, and whether it is a run itself. Hidden
/// directories (a trash, a repository's own) are no place for runs.
struct DirectoryContents {
    private(set) var directories: [String] = []
    /// Whether an event file is in it, or a file with one of the names that make a directory a run.
    private(set) var isRun = false

    /// Nil if the directory can't be listed.
    init?(_ path: String, markers: Set<String> = []) {
        guard let stream = opendir(path) else { return nil }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = Self.name(of: entry)
            if name.hasPrefix(".") { continue }
            if RunReader.isEventFile(name) || markers.contains(name) {
                isRun = true
            } else if Self.isDirectory(entry, path + "/" + name) {
                directories.append(name)
            }
        }
    }

    static func name(of entry: UnsafeMutablePointer<dirent>) -> String {
        withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
    }

    /// The directory itself says so on most file systems; for links and on others the entry must be asked.
    private static func isDirectory(_ entry: UnsafeMutablePointer<dirent>, _ path: String) -> Bool {
        switch Int(entry.pointee.d_type) {
        case Int(DT_DIR): return true
        case Int(DT_LNK), Int(DT_UNKNOWN):
            var status = stat()
            return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        default: return false
        }
    }
}

enum FileSystem {
    /// The magic numbers of file systems that only this machine writes to, so that the kernel knows of every change:
    /// ext2–4, XFS, btrfs, tmpfs, overlay, ZFS, F2FS, ramfs, bcachefs.
    private static let local: Set<UInt> = [
        0xEF53, 0x5846_5342, 0x9123_683E, 0x0102_1994, 0x794C_7630, 0x2FC1_2FC1, 0xF2F5_2010, 0x8584_58F6, 0xCA45_1A4E,
    ]

    static func isLocal(_ path: String) -> Bool {
        local.contains(file_system_kind(path))
    }
}
