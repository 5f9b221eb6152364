import EventLog

/// One run as its files told at one moment: what a screen needs to show it, and nothing that can change.
package struct RunSnapshot: Sendable {
    package let directory: RunDirectory
    package let state: RunCatalogue.State
    package let status: RunStatus?
    /// By step.
    package let checkpoints: [SavedCheckpoint]
    package let log: LogSnapshot
    /// The newest lines of engine.log, oldest first.
    package let engineLog: [String]

    package init(
        directory: RunDirectory, state: RunCatalogue.State, status: RunStatus?, checkpoints: [SavedCheckpoint] = [],
        log: LogSnapshot = LogSnapshot(), engineLog: [String] = []
    ) {
        self.directory = directory
        self.state = state
        self.status = status
        self.checkpoints = checkpoints
        self.log = log
        self.engineLog = engineLog
    }

    package var name: String { directory.name }
}

/// A folder of runs at one moment, and the one run in it that is looked at.
package struct Workspace: Sendable {
    /// The folder as the user named it.
    package let place: String
    /// Newest first.
    package let runs: [RunCatalogue.Entry]
    package let open: RunSnapshot?
    /// Why the open run's log can't be read, if so.
    package let problem: String?

    package init(place: String, runs: [RunCatalogue.Entry], open: RunSnapshot?, problem: String? = nil) {
        self.place = place
        self.runs = runs
        self.open = open
        self.problem = problem
    }
}
