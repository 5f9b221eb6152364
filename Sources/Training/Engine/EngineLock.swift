import Glibc
import Runs

/// A lock that lets a run have one engine: held as long as the value lives, and freed by the system however its holder
/// ends.
package final class EngineLock {
    private let descriptor: Int32

    package init(_ directory: RunDirectory) throws(RunsError) {
        descriptor = open(directory.engineLog, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .file(.unwritable(path: directory.engineLog, code: errno)) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            let status = try? RunStatus.read(from: directory.statusFile)
            throw .alreadyTraining(run: directory.path, pid: status?.engine.pid ?? 0)
        }
    }

    deinit { close(descriptor) }
}
