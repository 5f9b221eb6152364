import Canvas
import Runs

/// A message to the dashboard: something that happened outside of it.
package enum Message: Sendable {
    case input(Input)
    /// The files were read again.
    case loaded(Workspace)
    /// A command was appended to the command file of the run at a path, under `id`.
    case commanded(id: String, request: String, run: String)
    /// The experiments that a new run can be started from.
    case experiments([ExperimentChoice])
    /// A new run was started.
    case started(name: String)
    /// The answer to a request for a checkpoint.
    case checkpoint(CheckpointResponse)
    /// The name of the theme that was set, and whether the mouse was turned on.
    case themed(String)
    case mouse(Bool)
    /// A request was carried out, or could not be; with words for the user.
    case done(String)
    case refused(String)
    /// Time passed; seconds since 1970.
    case tick(Double)
}
