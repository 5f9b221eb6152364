import Checkpoints
import Files
import Runs

/// Making the run directory of an experiment.
extension RunDirectory {
    /// Makes a new run's folder with its experiment in it.
    ///
    /// - Parameter name: nil takes the experiment's, with a number behind it if that is taken.
    package static func make(
        for experiment: Experiment, named name: String?, in folder: String
    ) throws -> RunDirectory {
        let directory =
            if let name {
                try RunDirectory.create(named: name, in: folder)
            } else {
                try RunDirectory.create(startingWith: experiment.name, in: folder)
            }
        try AtomicFile.replace(directory.experimentFile, with: experiment.yaml())
        return directory
    }

    /// Puts the checkpoint that a new run goes on from in its place, step 0; answers where it is then.
    package func begin(with checkpoint: TrainingCheckpoint?) throws -> String? {
        guard let checkpoint else { return nil }
        let path = checkpointFile(step: 0)
        try checkpoint.write(to: path)
        return path
    }
}
