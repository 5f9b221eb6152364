import Files
import Glibc

/// A reader of one run's event files with everything read from them so far: what `LogFollower` and `LogTree` are made of.
///
/// A value, so that a run can be handed to another thread to be read there; it is never copied while it is read, or the
/// ends of all series would be.
struct RunReader: Sendable {
    let directory: String
    /// If not nil, the one file that is read.
    private let onlyFile: String?

    private var contents = LogContents()
    private var files: [EventFile] = []
    /// The directory when its names were read; nil to read them again.
    private var listed: FolderVersion?
    private var unreadable: [String: LogProblem] = [:]

    init(directory: String, onlyFile: String? = nil) {
        self.directory = directory
        self.onlyFile = onlyFile
    }

    /// What has been read so far.
    var snapshot: LogSnapshot {
        var snapshot = contents.snapshot
        snapshot.files = files.map { LogFileProgress(name: $0.name, read: $0.offset, size: $0.size) }
        let now = files.compactMap { $0.pending ?? unreadable[$0.name] }
        snapshot.problems += now
        snapshot.problemCount += now.count
        return snapshot
    }

    /// When the newest of the files was written to, seconds since 1970; 0 if none was looked at yet.
    var modified: Double { files.reduce(0) { max($0, $1.modified) } }

    /// Whether the files of a directory are a log: all whose names contain `tfevents`, as TensorBoard has it.
    static func isEventFile(_ name: String) -> Bool {
        name.utf8.count > 7 && name.contains("tfevents") && !name.hasSuffix(".profile-empty")
    }

    mutating func poll(
        _ allowance: inout Allowance, through window: inout ReadWindow
    ) throws(EventLogError) -> LogFollower.Outcome {
        var changed = try updateFiles()
        var caughtUp = true
        for index in files.indices {
            switch follow(index, &allowance, &window) {
            case .none: continue
            case .grown, .unreadable: changed = true
            case .replaced:
                startOver()
                contents.snapshot.version += 1
                return LogFollower.Outcome(changed: true, caughtUp: false)
            }
            if !files[index].isCaughtUp && unreadable[files[index].name] == nil {
                caughtUp = false
                if allowance.mayRead { break }
            }
        }
        if changed { contents.snapshot.version += 1 }
        return LogFollower.Outcome(changed: changed, caughtUp: caughtUp)
    }

    mutating func refresh() {
        listed = nil
    }

    private mutating func follow(
        _ index: Int, _ allowance: inout Allowance, _ window: inout ReadWindow
    ) -> EventFile.Change {
        var change = files[index].look()
        if case .grown = change, allowance.mayRead {
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

    private mutating func updateFiles() throws(EventLogError) -> Bool {
        if let onlyFile {
            if files.isEmpty { files = [EventFile(directory: directory, name: onlyFile)] }
            return false
        }
        guard let names = try changedNames() else { return false }
        let wanted = names.filter(Self.isEventFile).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let known = files.map(\.name)
        guard wanted != known else { return false }
        if !Set(known).isSubset(of: wanted) || hasRead(after: wanted, known) {
            files = wanted.map { EventFile(directory: directory, name: $0) }
            startOver()
        } else {
            files = wanted.map { name in
                files.first { $0.name == name } ?? EventFile(directory: directory, name: name)
            }
        }
        return true
    }

    /// The names in the directory, or nil if they are those of the last call.
    private mutating func changedNames() throws(EventLogError) -> [String]? {
        guard let now = FileVersion(directory) else {
            throw .unreadableDirectory(path: directory, reason: systemReason())
        }
        if let listed, listed.isCurrent(now) { return nil }
        let version = FolderVersion(now)
        do {
            let entries = try Folder.entries(of: directory)
            listed = version
            return entries.map(\.name)
        } catch {
            throw .unreadableDirectory(path: directory, reason: error.code.map { systemReason($0) } ?? "\(error)")
        }
    }

    /// Whether a new file belongs before one of which something was read: then the order was wrong.
    private func hasRead(after wanted: [String], _ known: [String]) -> Bool {
        let new = Set(wanted).subtracting(known)
        guard let first = wanted.firstIndex(where: new.contains) else { return false }
        let later = Set(wanted[first...])
        return files.contains { later.contains($0.name) && $0.offset > 0 }
    }

    /// Forgets everything and reads all files from their beginnings at the next polls.
    private mutating func startOver() {
        let version = contents.snapshot.version
        contents = LogContents()
        contents.snapshot.version = version
        files = files.map { EventFile(directory: directory, name: $0.name) }
        unreadable = [:]
    }
}
