import Checkpoints
import Glibc
import Runs

extension Engine {
    /// Makes the engine of a run directory, ready to `run`.
    ///
    /// - Parameters:
    ///   - checkpoint: the file to go on from; nil starts at the beginning.
    ///   - pace: nil takes the experiment's.
    package static func make(
        _ directory: RunDirectory, from checkpoint: String? = nil, pace: Pace? = nil, threads: Int = coreCount
    ) throws -> Engine {
        let experiment = try Experiment.load(directory.experimentFile)
        let trainer = try Trainer(experiment, threads: threads)
        if let checkpoint {
            try trainer.restore(TrainingCheckpoint(readingFrom: checkpoint), path: checkpoint)
            if trainer.isFinished { throw TrainingError.finished(run: directory.path, epochs: experiment.epochs) }
        }
        return try Engine(
            directory, trainer: trainer, pace: pace ?? experiment.pace, isResumed: checkpoint != nil)
    }

    /// Cores that this process may use.
    package static var coreCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
