import ArgumentParser
import Kernels

/// The `normscope` command line; every command has a file of its own.
@main
struct Normscope: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "normscope",
        abstract: "A workbench in the terminal for networks with batch normalization.",
        discussion: """
            Without a command it opens the dashboard on ./runs. Training runs in an engine process of its own: closing the \
            terminal does not stop it.
            """,
        version: String(decoding: PackageResources.VERSION.prefix { $0 > 0x20 }, as: UTF8.self),
        subcommands: [
            Train.self, Resume.self, Watch.self, ListRuns.self, Control.self, Inspect.self, Compare.self,
            Convert.self, Evaluate.self, Events.self, Bench.self, Configure.self, EngineCommand.self,
        ],
        defaultSubcommand: Watch.self)

    static func main() {
        guard InstructionSet.fitsThisProcessor else {
            let advice = "build it here, or elsewhere with NORMSCOPE_CPU=x86-64-v3 swift build -c release"
            let problem = "normscope was built for another processor than this machine has: \(advice)"
            exit(withError: ProgramError(problem))
        }
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch  where exitCode(for: error) == .failure {
            // What went wrong may name what a file holds.
            exit(withError: ProgramError("\(error)".onOneLine))
        } catch {
            exit(withError: error)
        }
    }
}
