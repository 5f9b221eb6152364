/// An error of an event log as a whole. What is wrong inside one file is a `LogProblem` in the snapshot: the
/// rest of the log stays readable.
package enum EventLogError: Error, Equatable, CustomStringConvertible {
    /// The run directory can't be listed.
    case unreadableDirectory(path: String, reason: String)
    /// There is no log at this path, or nothing of it can be read.
    case unreadableLog(path: String, reason: String)
    /// The event file can't be created.
    case cannotCreate(path: String, reason: String)
    /// Not everything reached the file. `pending` bytes are kept and go out with the next flush.
    case cannotWrite(path: String, pending: Int, reason: String)

    package var description: String {
        switch self {
        case .unreadableDirectory(let path, let reason):
            "\(path): cannot list this log directory (\(reason)); check the path and its permissions"
        case .unreadableLog(let path, let reason):
            "\(path): no event log can be read here (\(reason)); give an event file or a directory with some below it"
        case .cannotCreate(let path, let reason):
            "\(path): cannot create the event file (\(reason)); check that the directory exists and is writable"
        case .cannotWrite(let path, let pending, let reason):
            "\(path): cannot write the event log (\(reason)); \(pending) bytes are kept for the next attempt, free some space"
        }
    }
}
