import EventLog
import Files

/// A run as a catalogue read it last, so that only what has changed is read again.
struct CachedRun {
    private(set) var status: RunStatus?
    private(set) var statusVersion: FileVersion?
    private(set) var checkpoints: [SavedCheckpoint] = []
    private(set) var settings: [Hyperparameter] = []
    private var problem: String?
    private var checkpointsFolder: FolderVersion?
    private var experimentVersion: FileVersion?
    /// When the status was last seen to be another one than before.
    private var statusChanged: RunCatalogue.Moment

    init(at now: RunCatalogue.Moment) {
        statusChanged = now
    }

    mutating func refresh(_ run: RunDirectory, at now: RunCatalogue.Moment) {
        let experiment = FileVersion(run.experimentFile)
        if experiment == nil || experiment != experimentVersion {
            experimentVersion = experiment
            settings = experiment == nil ? [] : RunSettings.read(run.experimentFile)
        }
        let version = FileVersion(run.statusFile)
        if version == nil || version != statusVersion {
            readStatus(run, version, at: now)
        }
        guard let folder = FileVersion(run.checkpointsFolder) else {
            (checkpoints, checkpointsFolder) = ([], nil)
            return
        }
        if checkpointsFolder?.isCurrent(folder) != true {
            checkpointsFolder = FolderVersion(folder)
            checkpoints = SavedCheckpoint.list(in: run.checkpointsFolder)
        }
    }

    /// Whether its engine may be gone without a word, so that it must be looked for again and again.
    var needsEngine: Bool { status?.state.needsEngine ?? false }

    func state(at now: RunCatalogue.Moment) -> RunCatalogue.State {
        if let problem { return .unreadable(problem) }
        guard let status else { return experimentVersion == nil ? .log : .unstarted }
        guard status.state.needsEngine else { return .known(status.state) }
        switch status.engine.liveness {
        case .alive:
            return isSilent(status, at: now)
                ? .silent(status.state, since: status.updated, host: nil) : .known(status.state)
        case .dead: return .lost
        case .unknown(let host):
            return isUnchanged(at: now)
                ? .silent(status.state, since: status.updated, host: host) : .elsewhere(status.state, host: host)
        }
    }

    /// Seconds without a sign of life after which an engine is called silent.
    private static let patience = 10.0

    /// On this machine both clocks are the same one. An engine that doesn't say what it is writes nothing while it is
    /// paused.
    private func isSilent(_ status: RunStatus, at now: RunCatalogue.Moment) -> Bool {
        now.wall - status.updated > Self.patience && !(status.state == .paused && status.program == nil)
    }

    /// On another one clocks may differ: what counts is that nothing new came while we looked.
    private func isUnchanged(at now: RunCatalogue.Moment) -> Bool {
        now.steady - statusChanged.steady > Self.patience
    }

    /// Reads the status again where it seems to be an old one: the news of a newer one may have been missed.
    mutating func lookAgain(_ run: RunDirectory, at now: RunCatalogue.Moment) {
        guard case .silent = state(at: now) else { return }
        readStatus(run, FileVersion(run.statusFile), at: now)
    }

    private mutating func readStatus(_ run: RunDirectory, _ version: FileVersion?, at now: RunCatalogue.Moment) {
        statusVersion = version
        let before = status
        do {
            status = try RunStatus.read(from: run.statusFile)
            problem = nil
        } catch {
            problem = error.description
        }
        if status != before { statusChanged = now }
    }
}
