import Files
import Glibc

/// The file that a checkpoint is written to: an `AtomicFile`, durable, whose errors are a checkpoint's.
struct CheckpointOutput: ~Copyable {
    private var file: AtomicFile

    init(replacing path: String, operations: FileOperations = .system) throws(CheckpointError) {
        do {
            file = try AtomicFile(replacing: path, options: .durable, operations: operations)
        } catch {
            throw CheckpointError(writing: error)
        }
    }

    /// Bytes that were given so far.
    var position: Int { file.position }

    mutating func write(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
        do { try file.write(bytes) } catch { throw CheckpointError(writing: error) }
    }

    mutating func write(_ bytes: [UInt8]) throws(CheckpointError) {
        do { try file.write(bytes) } catch { throw CheckpointError(writing: error) }
    }

    /// Puts the file in its place. Afterwards it survives a power failure.
    consuming func commit() throws(CheckpointError) {
        do { try file.commit() } catch { throw CheckpointError(writing: error) }
    }
}

extension CheckpointError {
    fileprivate init(writing error: FileError) {
        self =
            switch error {
            case .unwritable(let path, ECANCELED): .cancelled(path: path)
            case .unwritable(let path, let code), .unlistable(let path, let code), .unremovable(let path, let code):
                .system(path: path, operation: "write", code: code)
            case .unreadable(let path, _): .system(path: path, operation: "write", code: EIO)
            }
    }
}
