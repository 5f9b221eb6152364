import EventLog
import Files
import Glibc

/// A reader of folders of runs, which reads only what is new each time. Lives on one thread.
package struct WorkspaceReader {
    private let places: [String]
    private var catalogue: RunCatalogue
    private var open: OpenRun?
    private var problem: String?
    private var isFirst = true
    /// Whether everything that is there has been read.
    package private(set) var isComplete = false

    /// - Parameter places: folders of runs, or runs.
    package init(places: [String]) {
        self.places = places
        catalogue = RunCatalogue(roots: places)
    }

    /// Waits until something may have changed, but not longer than `milliseconds`.
    package func wait(milliseconds: Int) { catalogue.wait(milliseconds: milliseconds) }

    /// Looks again, as long as the budget allows; nil if nothing has changed since the last time.
    ///
    /// - Parameters:
    ///   - path: the run to follow; nil takes the newest one and stays with it.
    ///   - reload: look at everything anew.
    package mutating func poll(
        open path: String?, reload: Bool = false, _ budget: PollBudget = .everything
    ) -> Workspace? {
        if reload { catalogue.forget() }
        let before = (problem, isComplete)
        var changed = refresh(budget) || reload
        changed = follow(path) || changed
        changed = open?.poll() ?? false || changed
        guard isFirst || changed || before != (problem, isComplete) else { return nil }
        isFirst = false
        return Workspace(
            runs: catalogue.entries, open: open?.snapshot(in: catalogue.entries), problem: problem,
            isComplete: isComplete)
    }

    private mutating func refresh(_ budget: PollBudget) -> Bool {
        do {
            let outcome = try catalogue.refresh(budget)
            problem = nil
            isComplete = outcome.caughtUp
            return outcome.changed
        } catch {
            // A folder that nothing has been written to yet is not there; that is no fault.
            problem = places.allSatisfy(Self.isThere) ? "\(error)" : nil
            isComplete = true
            return false
        }
    }

    private static func isThere(_ place: String) -> Bool { access(place, F_OK) == 0 }

    /// Whether another run is open now. A run that is gone gives way to the newest one.
    private mutating func follow(_ path: String?) -> Bool {
        let entries = catalogue.entries
        let wanted = path.flatMap { Self.entry(at: $0, in: entries) }
        let kept = open.flatMap { open in entries.first { $0.directory == open.directory } }
        let next = (wanted ?? kept ?? entries.first)?.directory
        guard next != open?.directory else { return false }
        open = next.map(OpenRun.init)
        catalogue.focus = Set(entries.filter { $0.directory == next }.map(\.name))
        return true
    }

    /// The run at a path, however that is written.
    private static func entry(at path: String, in entries: [RunCatalogue.Entry]) -> RunCatalogue.Entry? {
        let wanted = RunDirectory(path: path)
        if let entry = entries.first(where: { $0.directory == wanted }) { return entry }
        let absolute = FilePath.absolute(path)
        return entries.first { FilePath.absolute($0.directory.path) == absolute }
    }
}

/// The run that is looked at, and what is read for it alone.
private struct OpenRun {
    let directory: RunDirectory
    private var engineLog: LogTail
    private var layers: [LoggedLayer] = []
    private var roles: [ScalarRole: String] = [:]
    private var tags: [[String]] = []
    private var evaluation: EvaluationRecord?
    private var evaluationVersion: FileVersion?

    init(_ directory: RunDirectory) {
        self.directory = directory
        engineLog = LogTail(path: directory.engineLog)
    }

    mutating func snapshot(in entries: [RunCatalogue.Entry]) -> RunSnapshot? {
        guard let entry = entries.first(where: { $0.directory == directory }) else { return nil }
        let now = [entry.log.tensors.tags, entry.log.histograms.tags, entry.log.scalars.tags]
        if now != tags {
            tags = now
            layers = LoggedLayer.all(in: entry.log)
            roles = ScalarRole.tags(in: entry.log)
        }
        return RunSnapshot(
            directory: directory, state: entry.state, status: entry.status, checkpoints: entry.checkpoints,
            log: entry.log, engineLog: engineLog.lines, layers: layers, roles: roles,
            evaluation: evaluation, name: entry.name)
    }

    /// Reads what is new beside the event files; whether there was anything.
    mutating func poll() -> Bool {
        let hasWords = engineLog.poll()
        return readEvaluation() || hasWords
    }

    /// A record that can't be read is as good as none: it comes anew with the next evaluation.
    private mutating func readEvaluation() -> Bool {
        let version = FileVersion(directory.evaluationFile)
        guard version != evaluationVersion else { return false }
        evaluationVersion = version
        evaluation = version == nil ? nil : (try? EvaluationRecord.read(from: directory.evaluationFile)) ?? nil
        return true
    }
}
