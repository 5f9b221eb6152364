import Foundation
import Runs
import Synchronization

/// Reads run directories on a thread of its own and leaves the newest picture of them where the dashboard picks it up.
///
/// It reads in short spells while there is much to read, so that the first picture comes early and the rest streams in;
/// then it sleeps until the kernel tells of a change. Whoever takes the newest picture never waits for a file.
final class RunLoader: Sendable {
    private struct Exchange {
        var newest: Workspace?
        var wanted: String?
        var reloads = 0
        var isStopped = false
    }

    /// The longest sleep: requests and files that the kernel says nothing of are looked at after it.
    private static let longestSleep = 50
    /// A first short spell, then longer ones: pictures of a log that is still being read cost time too.
    private static let spells: (first: Duration, later: Duration) = (.milliseconds(15), .milliseconds(60))
    private let exchange: Mutex<Exchange>
    private let places: [String]

    /// - Parameters:
    ///   - places: folders of runs, or runs.
    ///   - open: the run to follow first; nil takes the one that changed last.
    init(places: [String], open: String?) {
        self.places = places
        exchange = Mutex(Exchange(wanted: open))
    }

    func start() {
        let thread = Thread { [self] in
            var reader = WorkspaceReader(places: places)
            var spell = Self.spells.first
            while read(&reader, spell) {
                spell = Self.spells.later
                if reader.isComplete { reader.wait(milliseconds: Self.longestSleep) }
            }
        }
        thread.stackSize = 4 << 20
        thread.start()
    }

    func stop() { exchange.withLock { $0.isStopped = true } }
    func open(_ run: String) { exchange.withLock { $0.wanted = run } }
    func reload() { exchange.withLock { $0.reloads += 1 } }

    /// The newest picture, if there is one that was not taken yet.
    func takeNewest() -> Workspace? {
        exchange.withLock { exchange in
            defer { exchange.newest = nil }
            return exchange.newest
        }
    }

    /// One round of reading; false when nobody wants more.
    private func read(_ reader: inout WorkspaceReader, _ spell: Duration) -> Bool {
        let (wanted, reload, isStopped) = exchange.withLock { exchange in
            defer { exchange.reloads = 0 }
            return (exchange.wanted, exchange.reloads > 0, exchange.isStopped)
        }
        guard !isStopped else { return false }
        if let workspace = reader.poll(open: wanted, reload: reload, .time(spell)) {
            exchange.withLock { $0.newest = workspace }
        }
        return true
    }
}
