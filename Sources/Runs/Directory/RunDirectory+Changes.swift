import Files
import Glibc

/// Renaming and deleting a run as a whole. A run that trains is left alone: its engine knows it by its path.
extension RunDirectory {
    /// Gives the run another name in the same folder; answers where it is now.
    package func rename(to name: String) throws(RunsError) -> RunDirectory {
        try requireNoEngine()
        if let problem = RunName.problem(with: name) { throw .badName(name: name, problem: problem) }
        let target = RunDirectory(path: FilePath.parent(FilePath.absolute(path)) + "/" + name)
        guard access(target.path, F_OK) != 0 else {
            throw .notRenamed(path: path, name: name, reason: "there is something of that name already")
        }
        guard Glibc.rename(path, target.path) == 0 else {
            throw .notRenamed(path: path, name: name, reason: systemReason())
        }
        return RunDirectory(path: FilePath.parent(path) == "." ? name : FilePath.parent(path) + "/" + name)
    }

    /// Deletes the run's folder with everything in it.
    package func delete() throws(RunsError) {
        try requireNoEngine()
        do {
            try Folder.remove(path)
        } catch {
            throw .notDeleted(path: path, reason: error.code.map { systemReason($0) } ?? "\(error)")
        }
    }
}
