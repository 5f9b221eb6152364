import EventLog
import Glibc

/// What a catalogue remembers of one run, so that it reads only what has changed.
struct KnownRun {
    private(set) var status: RunStatus?
    private(set) var statusVersion: FileVersion?
    private(set) var checkpoints: [SavedCheckpoint] = []
    private(set) var settings: [Hyperparameter] = []
    private var problem: String?
    private var checkpointsFolder: KnownFolder?
    private var experimentVersion: FileVersion?

    mutating func refresh(_ run: RunDirectory) {
        let experiment = FileVersion(run.experimentFile)
        if experiment == nil || experiment != experimentVersion {
            experimentVersion = experiment
            settings = experiment == nil ? [] : RunSettings.read(run.experimentFile)
        }
        let version = FileVersion(run.statusFile)
        if version == nil || version != statusVersion {
            readStatus(run, version)
        }
        guard let folder = FileVersion(run.checkpointsFolder) else {
            (checkpoints, checkpointsFolder) = ([], nil)
            return
        }
        if checkpointsFolder?.isCurrent(folder) != true {
            checkpoints = SavedCheckpoint.list(in: run.checkpointsFolder)
            checkpointsFolder = KnownFolder(version: folder)
        }
    }

    /// Whether its engine may be gone without a word, so that it must be looked for again and again.
    var needsEngine: Bool { status?.state.needsEngine ?? false }

    var state: RunCatalogue.State {
        if let problem { return .unreadable(problem) }
        guard let status else { return experimentVersion == nil ? .log : .unstarted }
        guard status.state.needsEngine else { return .known(status.state) }
        switch status.engine.liveness {
        case .alive: return .known(status.state)
        case .dead: return .lost
        case .unknown(let host): return .elsewhere(status.state, host: host)
        }
    }

    private mutating func readStatus(_ run: RunDirectory, _ version: FileVersion?) {
        statusVersion = version
        do {
            status = try RunStatus.read(from: run.statusFile)
            problem = nil
        } catch {
            problem = error.description
        }
    }
}

/// A folder as it was when its names were read, so that they need not be read again.
struct KnownFolder {
    let version: FileVersion
    /// Whether the folder had been left alone for a while by then. Clocks of file systems tick in milliseconds, or in whole
    /// seconds: what comes within the tick of the reading leaves the folder's time as it is.
    private let wasQuiet: Bool

    private static let longestTick = 2.0

    init(version: FileVersion) {
        self.version = version
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        wasQuiet = Double(now.tv_sec) - version.modified > Self.longestTick
    }

    func isCurrent(_ version: FileVersion) -> Bool {
        wasQuiet && self.version == version
    }
}
