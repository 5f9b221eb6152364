import Foundation
import Runs
import Synchronization

/// A reader of run directories for the dashboard, on a thread of its own; it leaves the newest snapshot where the
/// dashboard picks it up.
///
/// It reads in short turns while there is much to read, so that the first picture comes early and the rest streams in;
/// then it sleeps until the kernel tells of a change. Whoever takes the newest picture never waits for a file.
final class RunLoader: Sendable {
    private struct SharedState {
        var newest: Workspace?
        var wanted: String?
        var reloads = 0
        var isStopped = false
    }

    /// The longest sleep in milliseconds, after which requests are handled and files checked that the kernel does not
    /// report.
    private static let longestSleep = 50
    /// The time spent reading between two snapshots: short for the first one, then longer, since drawing snapshots of a
    /// growing log costs time too.
    private static let durations: (first: Duration, later: Duration) = (.milliseconds(15), .milliseconds(60))
    private let shared: Mutex<SharedState>
    private let places: [String]

    /// - Parameters:
    ///   - places: folders of runs, or runs.
    ///   - open: the run to follow first; nil takes the one that changed last.
    init(places: [String], open: String?) {
        self.places = places
        shared = Mutex(SharedState(wanted: open))
    }

    func start() {
        let thread = Thread { [self] in
            var reader = WorkspaceReader(places: places)
            var duration = Self.durations.first
            while read(&reader, duration) {
                duration = Self.durations.later
                if reader.isComplete { reader.wait(milliseconds: Self.longestSleep) }
            }
        }
        thread.stackSize = 4 << 20
        thread.start()
    }

    func stop() { shared.withLock { $0.isStopped = true } }
    func open(_ run: String) { shared.withLock { $0.wanted = run } }
    func reload() { shared.withLock { $0.reloads += 1 } }

    /// The newest snapshot, unless it was taken already.
    func takeNewest() -> Workspace? {
        shared.withLock { shared in
            defer { shared.newest = nil }
            return shared.newest
        }
    }

    /// One round of reading; returns false when the loader was stopped.
    private func read(_ reader: inout WorkspaceReader, _ duration: Duration) -> Bool {
        let (wanted, reload, isStopped) = shared.withLock { shared in
            defer { shared.reloads = 0 }
            return (shared.wanted, shared.reloads > 0, shared.isStopped)
        }
        guard !isStopped else { return false }
        if let workspace = reader.poll(open: wanted, reload: reload, .time(duration)) {
            shared.withLock { $0.newest = workspace }
        }
        return true
    }
}
