import Foundation
import Runs
import Synchronization

/// Reads run directories on a thread of its own and leaves the newest picture of them where the dashboard picks it up.
///
/// The run that is open is read ten times a second, the list of all runs once a second; whoever waits for neither never
/// waits for a file.
final class RunLoader: Sendable {
    private struct Exchange {
        var newest: Workspace?
        var wanted: String?
        var reloads = 0
        var isStopped = false
    }

    private static let interval = 0.1
    private static let listInterval = 1.0
    private let exchange: Mutex<Exchange>
    private let place: String

    /// - Parameters:
    ///   - place: a folder of runs, or one run.
    ///   - open: the run to follow first; nil takes the one that changed last.
    init(place: String, open: String?) {
        self.place = place
        exchange = Mutex(Exchange(wanted: open))
    }

    func start() {
        let thread = Thread { [self] in
            var reader = WorkspaceReader(place: place)
            while read(&reader) { Thread.sleep(forTimeInterval: Self.interval) }
        }
        thread.stackSize = 4 << 20
        thread.start()
    }

    func stop() { exchange.withLock { $0.isStopped = true } }
    func follow(_ run: String) { exchange.withLock { $0.wanted = run } }
    func reload() { exchange.withLock { $0.reloads += 1 } }

    /// The newest picture, if there is one that was not taken yet.
    func take() -> Workspace? {
        exchange.withLock { exchange in
            defer { exchange.newest = nil }
            return exchange.newest
        }
    }

    /// One round of reading; false when nobody wants more.
    private func read(_ reader: inout WorkspaceReader) -> Bool {
        let (wanted, reload, isStopped) = exchange.withLock { exchange in
            defer { exchange.reloads = 0 }
            return (exchange.wanted, exchange.reloads > 0, exchange.isStopped)
        }
        guard !isStopped else { return false }
        if let workspace = reader.poll(open: wanted, reload: reload) {
            exchange.withLock { $0.newest = workspace }
        }
        return true
    }
}
