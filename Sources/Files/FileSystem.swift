import CFilePages

/// The kind of file system that a path is on.
package enum FileSystem {
    /// The magic numbers of file systems that only this machine writes to, so that the kernel knows of every change:
    /// ext2–4, XFS, btrfs, tmpfs, overlay, ZFS, F2FS, ramfs, bcachefs.
    private static let local: Set<UInt> = [
        0xEF53, 0x5846_5342, 0x9123_683E, 0x0102_1994, 0x794C_7630, 0x2FC1_2FC1, 0xF2F5_2010, 0x8584_58F6, 0xCA45_1A4E,
    ]

    package static func isLocal(_ path: String) -> Bool {
        local.contains(normscope_file_system_kind(path))
    }
}
