import Glibc
import Runs
import Synchronization

/// The status file of an engine at work: written anew whenever something changed, and once a second where nothing did, so
/// that whoever watches can tell an engine that waits, evaluates or takes a long step from one that hangs.
///
/// Written from the engine's thread and from one of its own; a lock keeps the two apart.
final class StatusFile: Sendable {
    private struct Content {
        var status: RunStatus?
        var isClosed = false
    }

    /// Seconds between two writes while nothing changes, and between two looks whether one is due.
    private static let (interval, pause) = (1.0, UInt32(250_000))
    private let path: String
    private let clock: Clock
    private let content = Mutex(Content())

    init(path: String, clock: Clock) {
        self.path = path
        self.clock = clock
    }

    func write(_ status: RunStatus) throws(RunsError) {
        try content.withLock { content throws(RunsError) in
            content.status = status
            try status.write(to: path)
        }
    }

    /// Starts a thread that writes the file anew once a second, until it is closed.
    func startHeartbeat() {
        let me = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { place in place.flatMap { Unmanaged<StatusFile>.fromOpaque($0).takeRetainedValue().run() } },
            me.toOpaque())
        // Without a thread the file is written less often: nothing that the training has to end for.
        if status == 0 { pthread_detach(thread) } else { me.release() }
    }

    private func run() -> UnsafeMutableRawPointer? {
        while beat() { usleep(Self.pause) }
        return nil
    }

    /// Writes the file anew if it is old; false when it is closed.
    private func beat() -> Bool {
        content.withLock { content in
            guard !content.isClosed else { return false }
            let now = clock.now()
            if var status = content.status, now - status.updated >= Self.interval {
                status.updated = now
                content.status = status
                // Where this fails, the engine's own next write says so.
                try? status.write(to: path)
            }
            return true
        }
    }

    /// Ends the heartbeat; what was written last stays.
    func close() { content.withLock { $0.isClosed = true } }
}
