import Glibc
import Runs

/// Text files of the program's own: pictures, tables, a new run's experiment.
enum TextFile {
    /// Writes the whole text or throws.
    static func write(_ text: String, to path: String) throws {
        try write(to: path) { put in try put(text) }
    }

    /// Writes what `produce` puts, a stretch at a time. The file appears whole or not at all: what was there before stays until
    /// then.
    static func write(to path: String, _ produce: (_ put: (String) throws -> Void) throws -> Void) throws {
        let temporary = "\(FilePath.parent(path))/.\(FilePath.lastPart(path)).\(getpid()).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(path, errno) }
        do {
            defer { close(descriptor) }
            try produce { text in try put(text, descriptor, path) }
            guard rename(temporary, path) == 0 else { throw failure(path, errno) }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    private static func put(_ text: String, _ descriptor: Int32, _ path: String) throws {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw failure(path, errno) }
            rest = rest.dropFirst(count)
        }
    }

    private static func failure(_ path: String, _ code: Int32) -> ProgramError {
        ProgramError("\(path): cannot be written: \(String(cString: strerror(code)))")
    }
}
