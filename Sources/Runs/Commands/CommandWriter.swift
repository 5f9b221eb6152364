import Files
import Glibc

/// The writing side of `commands.jsonl`: any number of writers, each line in one write.
package enum CommandWriter {
    /// Appends a command.
    ///
    /// One `write` on a file opened for appending: lines of several writers never mix. If one before us was cut short
    /// (a full disk), the line starts on a new one, so that only the torn line is lost. Whether the engine hears it,
    /// its status tells by the command's `id`.
    package static func append(_ command: Command, to path: String) throws(RunsError) {
        let descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else { throw .file(.unwritable(path: path, code: errno)) }
        defer { close(descriptor) }
        if let problem = CommandFile.problem(with: descriptor) {
            throw .refusedCommands(path: path, problem: problem)
        }
        let isComplete = CommandFile.endsInALine(descriptor, size: Int(lseek(descriptor, 0, SEEK_END)))
        let line = (isComplete ? [] : [UInt8(ascii: "\n")]) + command.jsonLine
        let count = write(descriptor, line, line.count)
        guard count == line.count else {
            throw .file(.unwritable(path: path, code: count < 0 ? errno : ENOSPC))
        }
    }
}

/// The checks of a command file that is open: whose it is, and whether its last line is complete.
///
/// The group's permission to write is let pass, since many systems give it by default to a group of one; anybody's is
/// not.
enum CommandFile {
    /// Why the file's commands must not be obeyed: it has to be the engine's own user's, and others may not write to it.
    static func problem(with descriptor: Int32) -> String? {
        var info = stat()
        guard fstat(descriptor, &info) == 0 else { return systemReason() }
        if info.st_mode & S_IFMT != S_IFREG { return "it is not a file" }
        if info.st_uid != geteuid() {
            return
                "it belongs to user \(info.st_uid), and only user \(geteuid()), who runs the engine, may give commands"
        }
        if info.st_mode & S_IWOTH != 0 { return "anybody may write to it: chmod o-w it" }
        return nil
    }

    /// Whether the file's last line is complete; `size` is the file's.
    static func endsInALine(_ descriptor: Int32, size: Int) -> Bool {
        var last: UInt8 = 0
        return size <= 0 || pread(descriptor, &last, 1, size - 1) != 1 || last == UInt8(ascii: "\n")
    }
}
