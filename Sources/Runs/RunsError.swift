/// An error in a run directory or a command. Each message is one line: where, what, and what to do.
package enum RunsError: Error, Equatable, Sendable, CustomStringConvertible {
    case unreadable(path: String, reason: String)
    case unwritable(path: String, reason: String)
    case badName(name: String, problem: String)
    case nameTaken(name: String, folder: String, free: String)
    case notARun(path: String, nearest: String?)
    case badStatus(path: String, problem: String)
    case badCommand(text: String, problem: String)
    /// A command file that the engine must not obey.
    case refusedCommands(path: String, problem: String)

    package var description: String {
        switch self {
        case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
        case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)"
        case .badName(let name, let problem): "run name '\(name)' cannot be used: \(problem)"
        case .nameTaken(let name, let folder, let free):
            "\(folder)/\(name): this run exists already: choose another name, such as --name \(free)"
        case .notARun(let path, let nearest):
            "\(path): no run there" + (nearest.map { ": did you mean '\($0)'?" } ?? ": 'normscope runs' lists them")
        case .badStatus(let path, let problem): "\(path): not a run's status: \(problem)"
        case .badCommand(let text, let problem): "command '\(text)': \(problem)"
        case .refusedCommands(let path, let problem): "\(path): commands refused: \(problem)"
        }
    }
}
