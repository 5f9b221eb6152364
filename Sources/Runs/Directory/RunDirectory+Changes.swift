import Checkpoints
import Files
import Foundation
import Glibc
import Runs
import Training

/// What is done to runs as a whole. A run that trains is left alone: its engine knows it by its path.
extension RunDirectory {
    /// Makes a new run for an experiment and starts an engine on it, which goes on from `checkpoint` if there is one.
    static func start(
        _ experiment: Experiment, named name: String? = nil, in folder: String,
        with checkpoint: TrainingCheckpoint? = nil
    ) throws -> RunDirectory {
        let directory = try make(for: experiment, named: name, in: folder)
        try EngineLauncher.start(run: directory, from: directory.begin(with: checkpoint))
        return directory
    }

    /// Puts the checkpoint that a new run goes on from in its place, step 0; where it is then.
    func begin(with checkpoint: TrainingCheckpoint?) throws -> String? {
        guard let checkpoint else { return nil }
        let path = checkpointFile(step: 0)
        try checkpoint.write(to: path)
        return path
    }

    /// Makes a new run's folder with its experiment in it.
    static func make(for experiment: Experiment, named name: String?, in folder: String) throws -> RunDirectory {
        let directory =
            if let name {
                try RunDirectory.create(named: name, in: folder)
            } else {
                try RunDirectory.create(startingWith: experiment.name, in: folder)
            }
        try AtomicFile.replace(directory.experimentFile, with: experiment.yaml())
        return directory
    }

    /// Gives the run another name in the same folder; answers where it is now.
    func rename(to name: String) throws -> RunDirectory {
        try requireNoEngine()
        if let problem = RunName.problem(with: name) { throw RunsError.badName(name: name, problem: problem) }
        let target = RunDirectory(path: FilePath.parent(FilePath.absolute(path)) + "/" + name)
        guard access(target.path, F_OK) != 0 else {
            throw ProgramError("\(path): can't be renamed to \(name): there is something of that name already")
        }
        guard Glibc.rename(path, target.path) == 0 else {
            throw ProgramError("\(path): can't be renamed to \(name): \(String(cString: strerror(errno)))")
        }
        return RunDirectory(path: FilePath.parent(path) == "." ? name : FilePath.parent(path) + "/" + name)
    }

    /// Deletes the run's folder with everything in it.
    func delete() throws {
        try requireNoEngine()
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw ProgramError("\(path): can't be deleted: \(error.localizedDescription)")
        }
    }
}
