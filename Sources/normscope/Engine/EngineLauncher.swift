import Files
import Glibc
import Runs

/// The launcher of engines, as processes of their own session, so that they outlive this process and its terminal.
enum EngineLauncher {
    /// Starts `normscope engine RUN`, detached from the terminal, with its output in the run's engine.log.
    ///
    /// - Parameter checkpoint: where to go on from; nil starts at the beginning.
    @discardableResult
    static func start(run: RunDirectory, from checkpoint: String? = nil) throws -> pid_t {
        var arguments = [Installation.programPath, "engine", run.path]
        if let checkpoint { arguments += ["--from", checkpoint] }
        signal(SIGCHLD, SIG_IGN)
        return try spawn(arguments, output: run.engineLog)
    }

    /// Marks all other open files as closed on exec, such as a lock of the parent's, so that the engine does not
    /// inherit them.
    private static func closeOthersOnExec() {
        for descriptor in Folder.names(in: "/proc/self/fd").compactMap({ Int32($0) }) where descriptor > STDERR_FILENO {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
    }

    /// POSIX_SPAWN_SETSID, which the C library declares for its GNU dialect only.
    private static let newSession: Int16 = 0x80

    private static func spawn(_ arguments: [String], output: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        closeOthersOnExec()

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, newSession | Int16(POSIX_SPAWN_SETSIGMASK))

        var pid: pid_t = 0
        var pointers = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        let failure = posix_spawn(&pid, arguments[0], &actions, &attributes, &pointers, environ)
        guard failure == 0 else {
            throw ProgramError("can't start the engine \(arguments[0]): \(systemReason(failure))")
        }
        return pid
    }
}
