import Files

/// Where a value was written: a line of an experiment file, or an option of the command line.
///
/// `description` is how errors begin: `batchnorm-cnn.yaml:12` or `--set epochs=3`.
package enum Place: Hashable, Sendable, CustomStringConvertible {
    case line(file: String, Int)
    case option(String)

    package var description: String {
        switch self {
        case .line(let file, let line): "\(file):\(line)"
        case .option(let text): text
        }
    }
}

/// What can be wrong with an experiment, a run directory or a command. Each message is one line: where, what, and what to do.
package enum RunsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A file of a run that can't be read or written.
    case file(FileError)
    /// A number that is not finite, which JSON has no way to write.
    case unencodable(path: String)
    case notYAML(place: Place, problem: String)
    /// A key that no setting has; `section` is empty at the top of the file.
    case unknownKey(place: Place, key: String, section: String, nearest: String?, valid: [String])
    case repeatedKey(place: Place, key: String)
    case missingKey(file: String, key: String, example: String)
    case badValue(place: Place, key: String, found: String, expected: String)
    /// What another module found wrong with a text of the experiment: a layer, an optimizer, a schedule.
    case invalid(place: Place, problem: String)
    /// `--set` without `=`, or a path through something that has no parts.
    case badOverride(place: Place, problem: String)
    case badName(name: String, problem: String)
    case nameTaken(name: String, folder: String, free: String)
    case notARun(path: String, nearest: String?)
    case badStatus(path: String, problem: String)
    case badCommand(text: String, problem: String)
    /// A command file that the engine must not obey.
    case refusedCommands(path: String, problem: String)

    package var description: String {
        switch self {
        case .file(let error): error.description
        case .unencodable(let path): "\(path): cannot be written: a number in it is not finite"
        case .notYAML(let place, let problem): "\(place): not valid YAML: \(problem)"
        case .unknownKey(let place, let key, let section, let nearest, let valid):
            "\(place): unknown key '\(key)'\(section.isEmpty ? "" : " in \(section)"): "
                + (nearest.map { "did you mean '\($0)'?" } ?? "expected \(Self.list(valid))")
        case .repeatedKey(let place, let key): "\(place): key '\(key)' stands twice: remove one"
        case .missingKey(let file, let key, let example): "\(file): key '\(key)' is missing: add it, as in \(example)"
        case .badValue(let place, let key, let found, let expected):
            "\(place): \(key) is \(found): expected \(expected)"
        case .invalid(let place, let problem), .badOverride(let place, let problem): "\(place): \(problem)"
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

    private static func list(_ words: [String]) -> String {
        words.count > 1 ? words.dropLast().joined(separator: ", ") + " or " + words[words.count - 1] : words.joined()
    }
}

extension RunsError {
    /// The system's refusal to open or read a file, as errno tells it.
    static func unreadable(_ path: String) -> RunsError {
        .file(.unreadable(path: path, reason: systemReason()))
    }

    /// What `work` gives, a file's error being a run's.
    static func converting<Value>(_ work: () throws(FileError) -> Value) throws(RunsError) -> Value {
        do { return try work() } catch { throw .file(error) }
    }
}
