import Glibc

/// An error of the file system. Each message is one line: which file, and what the system said.
package enum FileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A file that can't be opened or read, or that has another kind or size than it may have.
    case unreadable(path: String, reason: String)
    /// A file that can't be written; `code` is the system's errno, `ECANCELED` where the writer was told to stop.
    case unwritable(path: String, code: Int32)
    /// A folder that can't be listed.
    case unlistable(path: String, code: Int32)
    /// A file or folder that can't be removed.
    case unremovable(path: String, code: Int32)

    package var description: String {
        switch self {
        case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
        case .unwritable(let path, let code): "\(path): cannot be written: \(systemReason(code))"
        case .unlistable(let path, let code): "\(path): cannot be listed: \(systemReason(code))"
        case .unremovable(let path, let code): "\(path): cannot be removed: \(systemReason(code))"
        }
    }

    /// The system's error number, where it is one of the system's.
    package var code: Int32? {
        switch self {
        case .unreadable: nil
        case .unwritable(_, let code), .unlistable(_, let code), .unremovable(_, let code): code
        }
    }
}

/// The system's words for an error number.
package func systemReason(_ code: Int32 = errno) -> String {
    guard let text = strerror(code) else { return "error \(code)" }
    return String(cString: text)
}
