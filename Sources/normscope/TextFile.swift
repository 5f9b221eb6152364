import Glibc

/// Text files of the program's own: pictures, tables, a new run's experiment.
enum TextFile {
    /// Writes the whole text or throws; what was written of a file that did not fit is taken away again.
    static func write(_ text: String, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(path, errno) }
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else {
                let reason = errno
                unlink(path)
                throw failure(path, reason)
            }
            rest = rest.dropFirst(count)
        }
    }

    private static func failure(_ path: String, _ code: Int32) -> ProgramError {
        ProgramError("\(path): cannot be written: \(String(cString: strerror(code)))")
    }
}
