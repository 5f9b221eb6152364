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

/// Sees to it that one run has one engine: held as long as the value lives, and freed by the system however its holder ends.
package final class EngineLock {
    private let descriptor: Int32

    package init(_ directory: RunDirectory) throws(TrainingError) {
        descriptor = open(directory.engineLog, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw .unwritable(path: directory.engineLog, reason: String(cString: strerror(errno)))
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            let status = try? RunStatus.read(from: directory.statusFile)
            throw .alreadyTraining(run: directory.path, pid: status?.engine.pid ?? 0)
        }
    }

    deinit { close(descriptor) }
}

extension RunStatus {
    /// Says in a run's status that its engine could not begin. A run that had finished stays finished.
    package static func writeFailure(_ reason: String, of directory: RunDirectory, clock: Clock = .machine) {
        let known = try? RunStatus.read(from: directory.statusFile)
        guard known?.state != .finished else { return }
        var status = known ?? RunStatus(state: .failed, updated: 0)
        status.state = .failed
        status.engine = .current()
        status.program = ourProgram
        status.error = reason
        status.updated = clock.now()
        try? status.write(to: directory.statusFile)
    }
}
