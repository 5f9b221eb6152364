import ArgumentParser
import Runs
import Training

/// `normscope control RUN COMMAND`
struct Control: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Steer a run from a script.",
        discussion: """
            Commands: pause, resume, checkpoint, evaluate, set lr=0.01, set lr=*0.5, set pace=50, set pace=full, stop (a \
            checkpoint, then the end), kill.
            """)

    @Argument(help: "A run directory.", completion: .directory)
    var place: String

    @Argument(help: "What it should do.")
    var command: [String]

    @Option(help: "The folder in which a run's name is looked for.", completion: .directory)
    var runs = Watch.usualPlace

    func run() throws {
        let action = try Command.Action(parsing: command.joined(separator: " "))
        let directory = try RunDirectory.find(place, in: runs)
        let engine = try directory.requireEngine()
        let id = try directory.send(action)
        print(try Self.answer(to: id, of: directory, engine))
    }

    /// Waits until the engine has carried out the command, however long that takes, or is gone.
    private static func answer(to id: String, of directory: RunDirectory, _ engine: EngineProcess) throws -> String {
        while true {
            // Whether the engine lives is asked first: what it wrote before its end is then there to be read.
            let isGone = engine.liveness == .dead
            if let status = try RunStatus.read(from: directory.statusFile), let last = status.lastCommand {
                if last == id { return status.lastAnswer ?? "done" }
                if try directory.wasAsked(last, after: id) { return "done" }
            }
            guard !isGone else {
                throw ProgramError(
                    "\(directory.path): the engine ended before it answered; its last words are in engine.log")
            }
            Clock.machine.sleep(0.02)
        }
    }
}
