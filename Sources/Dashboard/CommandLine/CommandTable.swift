/// The specification of a command that takes arguments or that has no key. All other commands are the names of key
/// actions.
package struct CommandSpec: Sendable {
    package enum Verb: String, CaseIterable, Sendable {
        case pause, resume
        case learningRate = "lr"
        case pace, momentum, set
        case smoothing
        case horizontalAxis = "x"
        case layer, tag
        case open, compare, mark, sort, filter
        case view, theme, mouse
        case csv, svg
        case help, detach
    }

    package let verb: Verb
    /// The arguments: `RATE`, `[FILE]`; empty for none.
    package let arguments: String
    package let explanation: String
    package let group: KeyBinding.Group

    fileprivate init(_ verb: Verb, _ arguments: String, _ explanation: String, _ group: KeyBinding.Group) {
        self.verb = verb
        self.arguments = arguments
        self.explanation = explanation
        self.group = group
    }

    package var name: String { verb.rawValue }
    /// The usage line of the help: `:lr RATE`.
    package var usage: String { ":" + name + (arguments.isEmpty ? "" : " " + arguments) }
}

/// The table of all commands that are not just the name of a key action.
package enum CommandTable {
    package static let commands: [CommandSpec] = [
        CommandSpec(.pause, "", "pause the run", .steering),
        CommandSpec(.resume, "", "go on; from the newest checkpoint where no engine runs", .steering),
        CommandSpec(.learningRate, "RATE", "set the learning rate: 1e-4, or x0.5 times the one in force", .steering),
        CommandSpec(.pace, "STEPS", "set the pace: 50 steps a second, x2, or full", .steering),
        CommandSpec(
            .momentum, "VALUE", "set BatchNorm's momentum: 0.05, or None (mean of all)",
            .steering),
        CommandSpec(.set, "KEY=VALUE", "what normscope control sets: lr=1e-4, momentum.layer1.1=0.05", .steering),
        CommandSpec(.smoothing, "WEIGHT", "smooth the curves by a weight from 0 to 0.99", .charts),
        CommandSpec(.horizontalAxis, "AXIS", "x is step, epoch, time (since the start) or clock", .charts),
        CommandSpec(.layer, "NAME", "choose a normalization layer", .charts),
        CommandSpec(.tag, "NAME", "choose a chart or a histogram", .charts),
        CommandSpec(.open, "NAME", "open a run or a checkpoint", .runs),
        CommandSpec(.compare, "A B", "compare two runs' settings, or two checkpoints", .runs),
        CommandSpec(.mark, "RUN…", "mark runs for the charts, and only those", .runs),
        CommandSpec(.sort, "COLUMN", "sort the runs by a column; again: the other way round", .runs),
        CommandSpec(.filter, "[TEXT]", "filter the list that is shown; without words: what / does", .runs),
        CommandSpec(.view, "N|NAME", "show a view; :2 and :curves do so too", .moving),
        CommandSpec(.theme, "NAME", "take a theme", .program),
        CommandSpec(
            .mouse, "on|off", "let the mouse steer, or leave it to the terminal for selecting text", .program),
        CommandSpec(.csv, "[FILE]", "write what is shown as CSV", .program),
        CommandSpec(.svg, "[FILE]", "write the screen as SVG", .program),
        CommandSpec(.help, "[WORD]", "the help; of a word, what it says of it", .program),
        CommandSpec(.detach, "", "leave at once; a run that trains goes on", .program),
    ]

    static func command(named name: String) -> CommandSpec? { commands.first { $0.name == name } }
}
