import Glibc

/// The kind of file at a path.
enum FileKind {
    case file, folder, nothing

    init(_ path: String) {
        var info = stat()
        guard stat(path, &info) == 0 else {
            self = .nothing
            return
        }
        self = info.st_mode & S_IFMT == S_IFDIR ? .folder : .file
    }
}
