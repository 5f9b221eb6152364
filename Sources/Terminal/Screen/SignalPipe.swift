import Glibc
import Synchronization

/// The descriptor that the signal handler writes to: the only thing it touches besides `errno`.
private let handlerDescriptor = Atomic<Int32>(-1)

/// A pipe that turns signals into bytes, so that they are handled between two frames and not inside of a signal
/// handler.
///
/// Curses would install handlers of its own for some of these and do unsafe work in them; it leaves those alone that are
/// already taken, so this must exist before curses starts.
final class SignalPipe {
    /// The reading end, which becomes readable when a signal arrives.
    let reading: Int32
    private let writing: Int32
    private var before: [(signal: Int32, action: sigaction)] = []

    private static let caught = [SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT]

    init() {
        var ends: [Int32] = [-1, -1]
        _ = pipe(&ends)
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        (reading, writing) = (ends[0], ends[1])
        handlerDescriptor.store(writing, ordering: .sequentiallyConsistent)
        for signal in Self.caught {
            var old = sigaction()
            guard sigaction(signal, nil, &old) == 0, !Self.isIgnored(old) else { continue }
            before.append((signal, old))
            Self.catchSignal(signal)
        }
        Self.letSignalsIn()
    }

    /// Unblocks our signals: a blocked signal mask is inherited from the parent, and neither an end nor a resize would
    /// ever be noticed.
    private static func letSignalsIn() {
        var wanted = sigset_t()
        sigemptyset(&wanted)
        for signal in caught + [SIGWINCH] { sigaddset(&wanted, signal) }
        pthread_sigmask(SIG_UNBLOCK, &wanted, nil)
    }

    /// Whether a signal is ignored at the parent's request (`nohup`); it stays so.
    private static func isIgnored(_ action: sigaction) -> Bool {
        unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    private static func catchSignal(_ signal: Int32) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { signal in
            let kept = errno
            var byte = UInt8(truncatingIfNeeded: signal)
            _ = write(handlerDescriptor.load(ordering: .sequentiallyConsistent), &byte, 1)
            errno = kept
        }
        action.sa_flags = SA_RESTART
        sigemptyset(&action.sa_mask)
        sigaction(signal, &action, nil)
    }

    /// The signals since the last call, oldest first.
    func drain() -> [Int32] {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(reading, &bytes, bytes.count)
        return count > 0 ? bytes[..<count].map(Int32.init) : []
    }

    /// Stops this process as the shell expects; returns when it continues.
    func stopProcess() {
        var standard = sigaction()
        standard.__sigaction_handler.sa_handler = SIG_DFL
        sigaction(SIGTSTP, &standard, nil)
        kill(0, SIGTSTP)
        Self.catchSignal(SIGTSTP)
    }

    /// Restores the former signal handlers and closes the pipe.
    func close() {
        for (signal, action) in before {
            var action = action
            sigaction(signal, &action, nil)
        }
        before = []
        handlerDescriptor.store(-1, ordering: .sequentiallyConsistent)
        _ = Glibc.close(reading)
        _ = Glibc.close(writing)
    }
}
