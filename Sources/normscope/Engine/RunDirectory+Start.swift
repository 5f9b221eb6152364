import Checkpoints
import Runs
import Training

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
}
