import EventLog
import Files
import Glibc

/// A catalogue of the runs below some folders, kept up to date by asking again: those of our engine, and those that
/// another program logs in TensorBoard's format.
///
/// A folder is a run if it holds `status.json`, `experiment.yaml` or event files; they are looked for at any depth, not
/// in hidden folders. Asking again while nothing changes costs next to nothing where the kernel tells of changes; what
/// has not changed on disk is not read again. Lives on one thread.
package struct RunCatalogue {
    /// The state of a run, as its user should see it.
    package enum State: Equatable, Sendable {
        case known(RunStatus.State)
        /// The status says it trains, but its engine is gone without a word: killed, or its machine went down.
        case lost
        /// It says it trains on another machine, where we cannot look.
        case elsewhere(RunStatus.State, host: String)
        /// It says it trains, but has not written for ten seconds, since `since` (seconds since 1970, by its own clock).
        case silent(RunStatus.State, since: Double, host: String?)
        /// There is an experiment but no status (yet).
        case unstarted
        /// Event files alone: another program logs it, and nothing says whether that one still runs.
        case log
        /// There is a status, but it makes no sense.
        case unreadable(String)
    }

    /// A run as its files told at one moment. Never changes; a class, so that lists of a thousand of them are gone
    /// through without counting references to all that each one holds.
    package final class Entry: Sendable {
        /// Path below the catalogue's folder: `batchnorm-cnn`, `sweep/lr-0.1`; the folder's name in front where there are
        /// several.
        package let name: String
        package let directory: RunDirectory
        package let status: RunStatus?
        package let state: State
        package let checkpoints: [SavedCheckpoint]
        /// What was asked for: of the experiment file, or else the hyperparameters in the log.
        package let settings: [Hyperparameter]
        package let log: LogSnapshot
        /// Whether all that the log holds has been read.
        package let isComplete: Bool
        /// Seconds since 1970 of its last sign of life.
        package let updated: Double

        /// Whether commands would be heard.
        package var isLive: Bool {
            switch state {
            case .known(let state), .elsewhere(let state, _), .silent(let state, _, _): state.needsEngine
            case .lost, .unstarted, .unreadable, .log: false
            }
        }

        fileprivate init(_ run: RunLog, _ directory: RunDirectory, _ known: CachedRun, at now: Moment) {
            name = run.name
            self.directory = directory
            status = known.status
            state = known.state(at: now)
            checkpoints = known.checkpoints
            settings = known.settings.isEmpty ? run.log.hyperparameters : known.settings
            log = run.log
            isComplete = run.isComplete
            updated = max(known.status?.updated ?? 0, known.status == nil ? run.modified : 0)
        }
    }

    /// A moment by two clocks.
    package struct Moment: Sendable {
        /// Seconds on a clock that doesn't go back.
        package let steady: Double
        /// Seconds since 1970.
        package let wall: Double

        package init(steady: Double, wall: Double) {
            self.steady = steady
            self.wall = wall
        }

        package static var now: Moment {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            return Moment(steady: LogTree.seconds, wall: Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9)
        }
    }

    /// Newest first.
    package private(set) var entries: [Entry] = []
    private let tree: LogTree
    private var known: [String: CachedRun] = [:]
    /// The versions that the entries were made of, run by run as the tree lists them.
    private var listed: [Listed] = []
    /// Runs whose own files may have changed since the entries were made.
    private var stale: Set<String> = []
    private var version = -1
    private var livenessDue = 0.0

    private static let markers: Set<String> = ["status.json", "experiment.yaml"]

    package init(roots: [String]) {
        tree = LogTree(roots.map { RunDirectory(path: $0).path }, markers: Self.markers)
    }

    package init(root: String) {
        self.init(roots: [root])
    }

    /// Names of the runs that are read before the others.
    package var focus: Set<String> {
        get { tree.focus }
        nonmutating set { tree.focus = newValue }
    }

    /// Waits until something may have changed, but not longer than `milliseconds`.
    package func wait(milliseconds: Int) { tree.wait(milliseconds: milliseconds) }

    /// Looks at everything again at the next refresh, whatever the file system says of it.
    package mutating func forget() {
        tree.refresh()
        known = [:]
        listed = []
    }

    /// Looks again, as long as the budget allows.
    ///
    /// - Throws: if one of the folders is not there, or can't be listed, when it is first looked at.
    package mutating func refresh(
        _ budget: PollBudget = .everything, at now: Moment = .now
    ) throws(EventLogError) -> LogFollower.Outcome {
        let outcome = try tree.poll(budget, now: now.steady)
        var changed = version != tree.snapshot.version
        for path in tree.takeTouched() {
            changed = look(at: path, now) || changed
            // A folder of checkpoints speaks for the run that it is in.
            changed = look(at: FilePath.parent(path), now) || changed
        }
        changed = looksForEngines(now) || changed
        if changed { list(at: now) }
        version = tree.snapshot.version
        return .init(changed: changed, caughtUp: outcome.caughtUp)
    }

    /// Whether a run is known there, whose files may have changed.
    private mutating func look(at path: String, _ now: Moment) -> Bool {
        guard known[path] != nil else { return false }
        known[path]?.refresh(RunDirectory(path: path), at: now)
        stale.insert(path)
        return true
    }

    /// Once a second the engines of live runs are looked for, which may be silent, or gone without a word.
    private mutating func looksForEngines(_ now: Moment) -> Bool {
        guard now.steady >= livenessDue else { return false }
        livenessDue = now.steady + 1
        for path in known.keys where known[path]?.needsEngine == true {
            known[path]?.lookAgain(RunDirectory(path: path), at: now)
            let shown = entries.first { $0.directory.path == path }?.state
            if shown != known[path]?.state(at: now) { stale.insert(path) }
        }
        return !stale.isEmpty
    }

    /// Makes the entries anew that have changed; all of them if runs came or went.
    private mutating func list(at now: Moment) {
        defer { stale = [] }
        let runs = tree.snapshot.runs
        guard runs.count == listed.count, runs.indices.allSatisfy({ runs[$0].directory == listed[$0].directory }) else {
            listAll(at: now)
            listed = runs.map(Listed.init)
            return
        }
        for place in runs.indices
        where !listed[place].isCurrent(runs[place].log.version, runs[place].isComplete, runs[place].modified)
            || stale.contains(runs[place].directory)
        {
            listed[place] = Listed(runs[place])
            replace(runs[place], at: now)
        }
    }

    /// The version of a run's log that its entry was made of.
    private struct Listed {
        let directory: String
        private let version: Int
        private let isComplete: Bool
        private let modified: Double

        init(_ run: RunLog) {
            directory = run.directory
            version = run.log.version
            isComplete = run.isComplete
            modified = run.modified
        }

        func isCurrent(_ version: Int, _ isComplete: Bool, _ modified: Double) -> Bool {
            version == self.version && isComplete == self.isComplete && modified == self.modified
        }
    }

    /// Puts a run's new entry where it belongs now.
    private mutating func replace(_ run: RunLog, at now: Moment) {
        let directory = RunDirectory(path: run.directory)
        guard let file = known[run.directory], let old = entries.firstIndex(where: { $0.directory == directory }) else {
            return
        }
        let entry = Entry(run, directory, file, at: now)
        if entry.updated == entries[old].updated {
            entries[old] = entry
            return
        }
        entries.remove(at: old)
        let place = entries.firstIndex { ($0.updated, entry.name) < (entry.updated, $0.name) } ?? entries.count
        entries.insert(entry, at: place)
    }

    private mutating func listAll(at now: Moment) {
        var remembered: [String: CachedRun] = [:]
        var found: [Entry] = []
        found.reserveCapacity(tree.snapshot.runs.count)
        for run in tree.snapshot.runs {
            let directory = RunDirectory(path: run.directory)
            var file = known[run.directory]
            if file == nil {
                file = CachedRun(at: now)
                file?.refresh(directory, at: now)
            }
            remembered[run.directory] = file
            if let file { found.append(Entry(run, directory, file, at: now)) }
        }
        known = remembered
        entries = found.sorted { ($1.updated, $0.name) < ($0.updated, $1.name) }
    }
}
