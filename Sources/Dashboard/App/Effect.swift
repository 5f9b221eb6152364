import Runs

/// An effect that the dashboard asks for; the program carries it out, never the dashboard itself.
package enum Effect: Equatable, Sendable {
    case command(Command.Action, run: String)
    /// Open the run at a path: read and follow its files.
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
    /// Turn the mouse on or off.
    case mouse(Bool)
    case reload
    /// Write to the given path; nil makes up a name.
    case writePicture(String?)
    case writeValues(String?)
    case redraw
    case suspend
    case quit
}
