import Files

/// The kind of file at a path.
enum FileKind {
    case file, folder, nothing

    init(_ path: String) {
        self =
            switch FileVersion(path)?.kind {
            case nil: .nothing
            case .folder: .folder
            case .file, .other: .file
            }
    }
}
