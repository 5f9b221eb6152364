import Glibc

/// What lies in a folder, as far as a catalogue of runs needs to know.
enum DirectoryListing {
    private static let mostNames = 100_000

    /// The names in a folder but for hidden ones, sorted; none if it cannot be read.
    static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while names.count < mostNames, let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }
}

/// What tells one version of a file from another.
struct FileVersion: Equatable {
    let device: UInt
    let inode: UInt
    let size: Int
    let modified: Double
    let changed: Double
    let isFolder: Bool

    init?(_ path: String) {
        var info = stat()
        guard stat(path, &info) == 0 else { return nil }
        device = UInt(info.st_dev)
        inode = UInt(info.st_ino)
        size = Int(info.st_size)
        modified = Double(info.st_mtim.tv_sec) + Double(info.st_mtim.tv_nsec) * 1e-9
        changed = Double(info.st_ctim.tv_sec) + Double(info.st_ctim.tv_nsec) * 1e-9
        isFolder = info.st_mode & S_IFMT == S_IFDIR
    }
}
