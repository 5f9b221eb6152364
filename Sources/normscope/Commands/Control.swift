import ArgumentParser
import Runs
import Training

/// `normscope control RUN COMMAND`
struct Control: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Steer a run from a script.",
        discussion: """
            Commands: pause, resume, checkpoint, evaluate, set lr=0.01, set lr=*0.5, set pace=50, set pace=full, \
            set momentum=0.05 (of all normalization layers), set momentum.LAYER=None, stop (a checkpoint, then the end), \
            kill. What the run's engine can't do is refused; a command that fails ends with exit status 1.
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
        let status = try directory.requireEngine()
        if let refusal = status.refusal(of: action.ability) { throw ProgramError("\(directory.path): \(refusal)") }
        let id = try directory.send(action)
        let answer = try Self.answer(to: id, of: directory, status.engine)
        if answer.failed { throw ProgramError("\(directory.path): \(answer.text)") }
        print(answer.text)
    }

    /// Waits until the engine has answered the command, however long that takes, or is gone.
    private static func answer(
        to id: String, of directory: RunDirectory, _ engine: EngineProcess
    ) throws -> (text: String, failed: Bool) {
        while true {
            // Whether the engine lives is asked first: what it wrote before its end is then there to be read.
            let isGone = engine.liveness == .dead
            if let status = try RunStatus.read(from: directory.statusFile), let last = status.lastCommand {
                if last == id { return (status.lastAnswer ?? "done", status.lastCommandFailed) }
                if try directory.wasAsked(last, after: id) { return ("done", false) }
            }
            guard !isGone else {
                throw ProgramError(
                    "\(directory.path): the engine ended before it answered; its last words are in engine.log")
            }
            Clock.machine.sleep(0.02)
        }
    }
}
