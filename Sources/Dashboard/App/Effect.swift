import Runs

/// What the dashboard wants done in the world. Carried out by the program, never here.
package enum Effect: Equatable, Sendable {
    case command(Command.Action, run: String)
    /// Follow this run's files from now on.
    case openRun(String)
    /// Start an engine that goes on from the run's newest checkpoint.
    case resumeRun(String)
    /// Look for experiments to start a run from, that of the run at `near` among them.
    case findExperiments(near: String?)
    case startRun(experiment: String, overrides: [String])
    case renameRun(String, to: String)
    case deleteRun(String)
    case checkpoint(CheckpointRequest)
    case nextTheme
    case theme(String)
    /// Whether the mouse steers.
    case mouse(Bool)
    case reload
    /// Into a file of that name, or of one that is made up.
    case writePicture(String?)
    case writeValues(String?)
    case redraw
    case suspend
    case quit
}
