import ArgumentParser
import Glibc
import Runs
import Synchronization

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
