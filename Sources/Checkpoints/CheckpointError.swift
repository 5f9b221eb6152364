import Files
import Glibc

/// An error in reading or writing a checkpoint file. Each message is one line: what, where, and what to do.
package enum CheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The operating system refused: `operation` is a verb such as "open", `code` is its errno.
    case system(path: String, operation: String, code: Int32)
    /// The bytes violate their format; `place` is an entry's name, a tensor's name or "byte N".
    case damaged(path: String, place: String, problem: String)
    /// A valid file of a kind that can't be read here, with what to do instead.
    case unsupported(path: String, what: String, advice: String)
    /// The file is not a checkpoint.
    case notACheckpoint(path: String, found: String)
    /// The checkpoint does not contain what was asked for.
    case missing(path: String, what: String, advice: String)
    /// The caller cancelled reading or writing.
    case cancelled(path: String)

    package var description: String {
        switch self {
        case .system(let path, let operation, let code):
            "\(path): cannot \(operation): \(systemReason(code)); \(Self.advice(operation, code))"
        case .damaged(let path, let place, let problem):
            "\(path): \(place): \(problem); the file is damaged or was cut short: copy or save it again"
        case .unsupported(let path, let what, let advice):
            "\(path): \(what); \(advice)"
        case .notACheckpoint(let path, let found):
            "\(path): not a checkpoint: \(found); expected a file by torch.save or safetensors"
        case .missing(let path, let what, let advice):
            "\(path): \(what); \(advice)"
        case .cancelled(let path):
            "\(path): cancelled; no file was changed"
        }
    }

    private static func advice(_ operation: String, _ code: Int32) -> String {
        switch code {
        case ENOSPC, EDQUOT: "make room on the disk and try again; what was there before is untouched"
        case EACCES, EPERM, EROFS: "check who owns the file and its folder"
        case ENOENT, ENOTDIR: "check the path"
        case EISDIR: "name a file inside the folder"
        default: operation == "read" ? "check the disk" : "what was there before is untouched"
        }
    }
}
