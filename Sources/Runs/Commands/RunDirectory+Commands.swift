/// Giving commands to a run's engine.
extension RunDirectory {
    /// Appends a command for the run's engine; returns the id under which it will be answered.
    ///
    /// - Parameter time: seconds since 1970.
    package func send(
        _ action: Command.Action, at time: Double = RunCatalogue.Moment.now.wall
    ) throws(RunsError) -> String {
        let command = Command(time: time, action: action)
        try CommandWriter.append(command, to: commandsFile)
        return command.id
    }

    /// Whether the command `later` was asked after `earlier`. Commands are carried out in their order, and a status
    /// names only the newest: one that it names settles all before it.
    package func wasAsked(_ later: String, after earlier: String) throws(RunsError) -> Bool {
        var reader = CommandReader(path: commandsFile, from: .beginning)
        var seen = false
        while case let items = try reader.poll(), !items.isEmpty {
            for case .command(let command) in items {
                if command.id == earlier { seen = true } else if command.id == later { return seen }
            }
        }
        return false
    }
}
