import Glibc

/// Reads one run's event files, and again whatever is added to them.
///
/// All files of one directory whose names contain `tfevents` are one log, in the order of their names, as TensorBoard reads
/// them; a file is read to its present end before the next one begins. Lives on one thread; what it has read leaves it as
/// `snapshot`, which any thread may use.
package final class LogFollower {
    package struct Outcome: Equatable, Sendable {
        /// Whether the snapshot is another one than before.
        package let changed: Bool
        /// Whether everything that is there now has been read; if not, the budget was too small: poll again at once.
        package let caughtUp: Bool
    }

    package let directory: String

    private var contents = LogContents()
    private var files: [EventFile] = []
    private var window: ReadWindow
    private var listing = DirectoryListing()
    private var unreadable: [String: LogProblem] = [:]

    package convenience init(directory: String) {
        self.init(directory: directory, windowCapacity: 1 << 19)
    }

    init(directory: String, windowCapacity: Int) {
        self.directory = directory
        window = ReadWindow(capacity: windowCapacity)
    }

    /// What has been read so far.
    package var snapshot: LogSnapshot {
        var snapshot = contents.snapshot
        snapshot.files = files.map { LogFileProgress(name: $0.name, read: $0.offset, size: $0.size) }
        let now = files.compactMap { $0.pending ?? unreadable[$0.name] }
        snapshot.problems += now
        snapshot.problemCount += now.count
        return snapshot
    }

    /// Reads what is new. A budget keeps it short; whatever was read until then is in the snapshot.
    package func poll(_ budget: PollBudget = .everything) throws(EventLogError) -> Outcome {
        var allowance = Allowance(budget)
        var changed = try updateFiles()
        var caughtUp = true
        for index in files.indices {
            switch follow(index, &allowance) {
            case .none: continue
            case .grown, .unreadable: changed = true
            case .replaced:
                startOver()
                contents.snapshot.version += 1
                return Outcome(changed: true, caughtUp: false)
            }
            if !files[index].isCaughtUp && unreadable[files[index].name] == nil {
                caughtUp = false
                break
            }
        }
        if changed { contents.snapshot.version += 1 }
        return Outcome(changed: changed, caughtUp: caughtUp)
    }

    /// Looks at the directory again at the next poll, whatever its time of modification says.
    package func refresh() {
        listing.forget()
    }

    private func follow(_ index: Int, _ allowance: inout Allowance) -> EventFile.Change {
        var change = files[index].look()
        if case .grown = change {
            change = files[index].read(into: &contents, through: &window, &allowance)
        }
        let name = files[index].name
        guard case .unreadable(let reason) = change else {
            unreadable[name] = nil
            return change
        }
        let problem = LogProblem(file: name, offset: files[index].offset, kind: .unreadableFile(reason: reason))
        if unreadable.updateValue(problem, forKey: name) == problem { change = .none }
        return change
    }

    private func updateFiles() throws(EventLogError) -> Bool {
        guard let names = try listing.update(directory) else { return false }
        let wanted = names.filter { $0.contains("tfevents") && !$0.hasSuffix(".profile-empty") }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let known = files.map(\.name)
        guard wanted != known else { return false }
        if !Set(known).isSubset(of: wanted) || !wanted.starts(with: known) && hasRead(after: wanted, known) {
            files = wanted.map { EventFile(directory: directory, name: $0) }
            startOver()
        } else {
            files = wanted.map { name in
                files.first { $0.name == name } ?? EventFile(directory: directory, name: name)
            }
        }
        return true
    }

    /// Whether a new file belongs before one of which something was read: then the order was wrong.
    private func hasRead(after wanted: [String], _ known: [String]) -> Bool {
        let new = Set(wanted).subtracting(known)
        guard let first = wanted.firstIndex(where: new.contains) else { return false }
        let later = Set(wanted[first...])
        return files.contains { later.contains($0.name) && $0.offset > 0 }
    }

    /// Forgets everything and reads all files from their beginnings at the next polls.
    private func startOver() {
        let version = contents.snapshot.version
        contents = LogContents()
        contents.snapshot.version = version
        files = files.map { EventFile(directory: directory, name: $0.name) }
        unreadable = [:]
    }
}
