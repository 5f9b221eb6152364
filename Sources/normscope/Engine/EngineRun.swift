import ArgumentParser
import Glibc
import Runs
import Synchronization
import Training

/// The run of an engine in this process, from acquiring its lock to the end.
struct EngineRun {
    let engine: Engine
    private let lock: EngineLock

    /// Prepares the engine; an error that keeps it from starting is also written to the run's status.
    init(_ directory: RunDirectory, from checkpoint: String?, pace: Pace?) throws {
        signal(SIGPIPE, SIG_IGN)
        lock = try EngineLock(directory)
        do {
            engine = try Engine.make(directory, from: checkpoint, pace: pace)
        } catch {
            RunStatus.writeFailure("\(error)", of: directory)
            throw error
        }
    }

    func train(_ observer: @escaping (Engine.Report) -> Void) -> Engine.Ending {
        StopSignal.install()
        engine.observer = observer
        return engine.run(shouldStop: { StopSignal.consume() })
    }
}
