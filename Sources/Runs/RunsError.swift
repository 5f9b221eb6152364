import Files

/// An error in a run directory or a command. Each message is one line: where, what, and what to do.
package enum RunsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A file of a run that can't be read or written.
    case file(FileError)
    /// A number that is not finite, which JSON has no way to write.
    case unencodable(path: String)
    case badName(name: String, problem: String)
    case nameTaken(name: String, folder: String, free: String)
    case notARun(path: String, nearest: String?)
    case notRenamed(path: String, name: String, reason: String)
    case notDeleted(path: String, reason: String)
    /// Nothing trains the run; `remedy` says how to go on, where that is possible.
    case notTraining(path: String, state: String, remedy: String?)
    case alreadyTraining(run: String, pid: Int32)
    /// Another program trained the run; `remedy` says how that one goes on.
    case foreign(path: String, remedy: String)
    case noCheckpoint(run: String)
    case badStatus(path: String, problem: String)
    case badCommand(text: String, problem: String)
    /// A command file that the engine must not obey.
    case refusedCommands(path: String, problem: String)

    package var description: String {
        switch self {
        case .file(let error): error.description
        case .unencodable(let path): "\(path): cannot be written: a number in it is not finite"
        case .badName(let name, let problem): "run name '\(name)' cannot be used: \(problem)"
        case .nameTaken(let name, let folder, let free):
            "\(folder)/\(name): this run exists already: choose another name, such as --name \(free)"
        case .notARun(let path, let nearest):
            "\(path): no run there" + (nearest.map { ": did you mean '\($0)'?" } ?? ": 'normscope runs' lists them")
        case .notRenamed(let path, let name, let reason): "\(path): can't be renamed to \(name): \(reason)"
        case .notDeleted(let path, let reason): "\(path): can't be deleted: \(reason)"
        case .notTraining(let path, let state, let remedy):
            "\(path): nothing is training here (\(state))" + (remedy.map { ": " + $0 } ?? "")
        case .alreadyTraining(let run, let pid):
            "\(run): an engine is training it already (pid \(pid)): normscope watch \(run) shows it"
        case .foreign(let path, let remedy): "\(path): \(remedy)"
        case .noCheckpoint(let run):
            "\(run): there is no checkpoint to go on from: start anew with normscope train \(run)/experiment.yaml"
        case .badStatus(let path, let problem): "\(path): not a run's status: \(problem)"
        case .badCommand(let text, let problem): "command '\(text)': \(problem)"
        case .refusedCommands(let path, let problem): "\(path): commands refused: \(problem)"
        }
    }
}

extension RunsError {
    /// The system's refusal to open or read a file, as errno tells it.
    static func unreadable(_ path: String) -> RunsError {
        .file(.unreadable(path: path, reason: systemReason()))
    }

    /// The result of `work`; an error of a file becomes one of a run.
    static func converting<Value>(_ work: () throws(FileError) -> Value) throws(RunsError) -> Value {
        do { return try work() } catch { throw .file(error) }
    }
}
