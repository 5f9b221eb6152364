import EventLog

/// Reads a folder of runs again and again, each time only what is new: the open run at every poll, the list of all runs
/// once in `listEvery` polls. Lives on one thread.
package struct WorkspaceReader {
    private static let listEvery = 10

    private let place: String
    private var catalogue: RunCatalogue
    private var runs: [RunCatalogue.Entry] = []
    private var polls = 0
    private var open: OpenRun?

    /// - Parameter place: a folder of runs, or one run.
    package init(place: String) {
        self.place = place
        catalogue = RunCatalogue(root: place)
    }

    /// Looks again; nil if nothing has changed since the last time.
    ///
    /// - Parameters:
    ///   - path: the run to follow; nil takes the newest one and stays with it.
    ///   - reload: forget what is known and read everything anew.
    package mutating func poll(open path: String?, reload: Bool = false) -> Workspace? {
        if reload {
            open = nil
            catalogue = RunCatalogue(root: place)
            polls = 0
        }
        let isFirst = polls == 0
        let listed = refreshList()
        let opened = follow(path)
        let changed = open?.poll() ?? false
        guard isFirst || listed || opened || changed || reload else { return nil }
        return Workspace(place: place, runs: runs, open: open?.snapshot, problem: open?.problem)
    }

    private mutating func refreshList() -> Bool {
        defer { polls += 1 }
        guard polls % Self.listEvery == 0 else { return false }
        let found = catalogue.refresh()
        defer { runs = found }
        return found != runs
    }

    /// Whether another run is open now.
    private mutating func follow(_ path: String?) -> Bool {
        guard let wanted = path.map(RunDirectory.init(path:)) ?? open?.directory ?? runs.first?.directory,
            wanted != open?.directory
        else { return false }
        open = OpenRun(wanted)
        return true
    }
}

/// The run that is looked at, and what was read of it so far.
private struct OpenRun {
    let directory: RunDirectory
    private(set) var problem: String?
    private var known = KnownRun()
    private var seen: KnownRun?
    private let follower: LogFollower
    private var engineLog: LogTail

    init(_ directory: RunDirectory) {
        self.directory = directory
        follower = LogFollower(directory: directory.path)
        engineLog = LogTail(path: directory.engineLog)
    }

    var snapshot: RunSnapshot {
        RunSnapshot(
            directory: directory, state: known.state, status: known.status, checkpoints: known.checkpoints,
            log: follower.snapshot, engineLog: engineLog.lines)
    }

    /// Reads what is new; whether there was anything.
    mutating func poll() -> Bool {
        let before = (known.status, known.state, known.checkpoints, problem)
        known.refresh(directory)
        var changed = engineLog.poll()
        do {
            changed = try follower.poll().changed || changed
            problem = nil
        } catch {
            problem = "\(error)"
        }
        return changed || before != (known.status, known.state, known.checkpoints, problem)
    }
}
