import ArgumentParser
import Glibc
import Runs
import Synchronization
import Training

/// `normscope engine RUN`: the background process itself. The other commands start it; nobody needs to type it.
struct EngineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine", abstract: "Train a run directory, without a terminal.", shouldDisplay: false)

    @Argument(help: "A run directory with an experiment.yaml in it.")
    var place: String

    @Option(help: "The checkpoint to go on from.")
    var from: String?

    func run() throws {
        signal(SIGHUP, SIG_IGN)
        _ = try EngineRun(RunDirectory(path: place), from: from, pace: nil).train { _ in }
    }
}

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

/// A flag set by SIGTERM and SIGINT, which the engine checks between two steps.
enum StopSignal {
    private static let arrived = Atomic(false)

    static func install() {
        arrived.store(false, ordering: .relaxed)
        for number in [SIGTERM, SIGINT] {
            signal(number) { _ in StopSignal.arrived.store(true, ordering: .relaxed) }
        }
    }

    /// Whether a signal arrived since the last call.
    static func consume() -> Bool { arrived.exchange(false, ordering: .relaxed) }
}
