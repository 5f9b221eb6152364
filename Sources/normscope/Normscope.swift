import ArgumentParser

/// The command line, DESIGN's §4: every command is a file of its own beside this one.
@main
struct Normscope: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "normscope",
        abstract: "A workbench in the terminal for networks with batch normalization.",
        discussion: """
            Without a command it opens the dashboard on ./runs. Training runs in an engine process of its own: closing the \
            terminal does not stop it.
            """,
        version: "0.1.0",
        subcommands: [Train.self, Resume.self, Watch.self, ListRuns.self, Control.self, EngineCommand.self],
        defaultSubcommand: Watch.self)
}
