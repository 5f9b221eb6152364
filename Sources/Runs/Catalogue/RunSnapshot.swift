import EventLog

/// A snapshot of one run's files: what a screen needs to show it, and nothing that can change.
package struct RunSnapshot: Sendable {
    package let directory: RunDirectory
    package let state: RunCatalogue.State
    package let status: RunStatus?
    /// Sorted by step.
    package let checkpoints: [SavedCheckpoint]
    package let log: LogSnapshot
    /// The newest lines of engine.log, oldest first.
    package let engineLog: [String]
    /// The normalization layers in the log, in the order in which they came.
    package let layers: [LoggedLayer]
    /// The tags of losses and accuracies.
    package let roles: [ScalarRole: String]
    /// The record of the newest evaluation, if it was kept.
    package let evaluation: EvaluationRecord?
    private let listedName: String?

    package init(
        directory: RunDirectory, state: RunCatalogue.State, status: RunStatus?, checkpoints: [SavedCheckpoint] = [],
        log: LogSnapshot = LogSnapshot(), engineLog: [String] = [], layers: [LoggedLayer]? = nil,
        roles: [ScalarRole: String]? = nil, evaluation: EvaluationRecord? = nil, name: String? = nil
    ) {
        self.directory = directory
        self.state = state
        self.status = status
        self.checkpoints = checkpoints
        self.log = log
        self.engineLog = engineLog
        self.layers = layers ?? LoggedLayer.all(in: log)
        self.roles = roles ?? ScalarRole.tags(in: log)
        self.evaluation = evaluation
        listedName = name
    }

    /// The series that plays a role, if the log has it.
    package func scalars(of role: ScalarRole) -> ScalarSeries? { roles[role].flatMap { log.scalars[$0] } }

    /// The name in lists: the path below the folder that is watched, or else the folder's name.
    package var name: String { listedName ?? directory.name }
}

/// A snapshot of the runs of some folders, and the one run among them that is looked at.
package struct Workspace: Sendable {
    /// Newest first.
    package let runs: [RunCatalogue.Entry]
    package let open: RunSnapshot?
    /// Why a folder can't be read, if so.
    package let problem: String?
    /// Whether everything that is there has been read.
    package let isComplete: Bool

    package init(
        runs: [RunCatalogue.Entry], open: RunSnapshot?, problem: String? = nil, isComplete: Bool = true
    ) {
        self.runs = runs
        self.open = open
        self.problem = problem
        self.isComplete = isComplete
    }

    /// Points of all runs.
    package var points: Int { runs.reduce(0) { $0 + $1.log.points } }

    /// Bytes read and bytes there, over all runs.
    package var progress: (read: Int, total: Int) {
        runs.reduce((0, 0)) { ($0.0 + $1.log.progress.read, $0.1 + $1.log.progress.total) }
    }
}
