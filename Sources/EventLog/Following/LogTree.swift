import Files
import Glibc

/// A reader of all runs below some directories: those that are there, those that appear, and those that go away.
///
/// A run is a directory with event files in it, at any depth; links are followed, and each directory counts once. On a
/// local file system the kernel tells what changed, so a thousand runs that rest cost nothing but a look every thirty
/// seconds; where it can't tell (network file systems, too many directories), runs that were active lately are looked at
/// every time and the others every two seconds.
///
/// Lives on one thread; reads on several. `snapshot` is for any thread.
package final class LogTree {
    package private(set) var snapshot = TreeSnapshot()
    /// The names of the runs that are looked at: they are read before the others.
    package var focus: Set<String> = []
    /// Names of files that make a directory a run even without event files.
    private let markers: Set<String>

    let roots: [LogRoot]
    private let threads: Int
    let watch: DirectoryWatch?

    var nodes: [String: DirectoryNode] = [:]
    /// The path at which each directory was found first, so that a link doesn't give it a second name.
    var paths: [FileIdentity: String] = [:]
    var watched: [Int32: String] = [:]
    /// The roots that were there at an earlier poll.
    var admitted: Set<String> = []
    /// When the next directory is due for a look.
    var nextLook = 0.0
    private var readers: [String: RunReader] = [:]

    /// Directories whose names must be read (again), and runs whose files must be.
    var unlisted: Set<String> = []
    private var unread: Set<String> = []
    /// Directories in which files other than event files may have changed.
    var touched: Set<String> = []

    /// - Parameters:
    ///   - directories: what to look below. With more than one, runs are named after theirs too.
    ///   - markers: names of files that make a directory a run, apart from event files.
    package convenience init(_ directories: [String], markers: Set<String> = []) {
        let threads = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        self.init(directories, markers: markers, watch: DirectoryWatch(), threads: threads)
    }

    init(_ directories: [String], markers: Set<String> = [], watch: DirectoryWatch?, threads: Int) {
        roots = LogRoot.named(directories)
        self.markers = markers
        self.watch = watch
        self.threads = threads
    }

    /// Finds and reads what is new. Bytes of a budget count for each run by itself; time counts for all together.
    ///
    /// - Parameter now: seconds on any clock that doesn't go back.
    /// - Throws: if one of the directories is not there, or can't be listed, when it is first looked at.
    package func poll(
        _ budget: PollBudget = .everything, now: Double = LogTree.seconds
    ) throws(EventLogError) -> LogFollower.Outcome {
        let allowance = Allowance(budget)
        let version = snapshot.version
        try admitRoots(now)
        handleWatchEvents()
        checkDueDirectories(now)
        listDirectories(allowance, now)
        read(allowance, now)
        return .init(changed: snapshot.version != version, caughtUp: unlisted.isEmpty && unread.isEmpty)
    }

    /// Waits until something may have changed, but not longer than `milliseconds`.
    package func wait(milliseconds: Int) {
        let most = Int32(clamping: max(0, milliseconds))
        if let watch { watch.wait(milliseconds: most) } else { _ = Glibc.poll(nil, 0, most) }
    }

    /// Looks at everything again at the next poll.
    package func refresh() {
        unlisted.formUnion(nodes.keys)
    }

    /// The directories in which something other than an event file may have changed since this was asked last.
    package func takeTouched() -> Set<String> {
        defer { touched = [] }
        return touched
    }

    /// What the directory holds; nil if it can't be listed.
    func contents(of path: String) -> DirectoryContents? { DirectoryContents(path, markers: markers) }

    package static var seconds: Double {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
    }
}

extension LogTree {
    /// Reads what has something to read, the runs in focus first.
    private func read(_ allowance: Allowance, _ now: Double) {
        guard !unread.isEmpty else { return }
        let first = focus.isEmpty ? [] : unread.filter { nodes[$0].map { focus.contains($0.name) } == true }
        let order = first.sorted() + unread.subtracting(first).sorted()
        let jobs = order.compactMap { path in
            readers.removeValue(forKey: path).map { RunReadingQueue.Job(path: path, reader: $0) }
        }
        unread = []
        for job in RunReadingQueue(jobs).run(threads: threads, allowance) {
            take(job, now)
        }
    }

    private func take(_ job: RunReadingQueue.Job, _ now: Double) {
        readers[job.path] = job.reader
        guard let outcome = job.outcome else {
            // Its turn didn't come; or its directory just went away, which the next look at it will show.
            if access(job.path, F_OK) == 0 { unread.insert(job.path) } else { unlisted.insert(job.path) }
            return
        }
        if !outcome.caughtUp { unread.insert(job.path) }
        guard outcome.changed || nodes[job.path]?.isComplete != outcome.caughtUp, let place = place(of: job.path) else {
            return
        }
        nodes[job.path]?.isComplete = outcome.caughtUp
        nodes[job.path]?.active = now
        snapshot.runs[place].log = job.reader.snapshot
        snapshot.runs[place].modified = max(snapshot.runs[place].modified, job.reader.modified)
        snapshot.runs[place].isComplete = outcome.caughtUp
        snapshot.version += 1
    }

    /// Where a run stands in the snapshot.
    private func place(of path: String) -> Int? {
        guard let name = nodes[path]?.name else { return nil }
        let place = insertionPlace(of: name)
        return place < snapshot.runs.count && snapshot.runs[place].directory == path ? place : nil
    }

    /// The first place whose run's name is not before `name`.
    private func insertionPlace(of name: String) -> Int {
        var low = 0
        var high = snapshot.runs.count
        while low < high {
            let middle = low + (high - low) / 2
            let isBefore = snapshot.runs[middle].name.utf8.lexicographicallyPrecedes(name.utf8)
            if isBefore { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func addRun(_ node: DirectoryNode) {
        if readers[node.path] == nil {
            readers[node.path] = RunReader(directory: node.path)
            let run = RunLog(name: node.name, directory: node.path, modified: node.modified.rounded(.down))
            snapshot.runs.insert(run, at: insertionPlace(of: node.name))
            snapshot.version += 1
        }
        readers[node.path]?.refresh()
        unread.insert(node.path)
    }

    func removeRun(_ path: String) {
        guard readers.removeValue(forKey: path) != nil else { return }
        unread.remove(path)
        snapshot.runs.removeAll { $0.directory == path }
        snapshot.version += 1
    }

    func markUnread(_ path: String) {
        if readers[path] != nil { unread.insert(path) }
    }
}
