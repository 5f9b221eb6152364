import Files

/// The content of a directory as far as finding runs goes: its subdirectories, and whether it is a run itself. Hidden
/// directories (a trash, a repository's own) are no place for runs.
struct DirectoryContents {
    private(set) var directories: [String] = []
    /// Whether an event file is in it, or a file with one of the names that make a directory a run.
    private(set) var isRun = false

    /// Nil if the directory can't be listed.
    init?(_ path: String, markers: Set<String> = []) {
        guard let entries = try? Folder.entries(of: path) else { return nil }
        for entry in entries where !entry.isHidden {
            if RunReader.isEventFile(entry.name) || markers.contains(entry.name) {
                isRun = true
            } else if entry.isFolder {
                directories.append(entry.name)
            }
        }
    }
}
