import Canvas
import Runs

/// What happens to the dashboard.
package enum Message: Sendable {
    case input(Input)
    /// The files were read anew.
    case loaded(Workspace)
    /// A command was appended to the command file of the run at a path, under `id`.
    case commanded(id: String, request: String, run: String)
    /// What a new run can be started from.
    case experiments([ExperimentChoice])
    /// A new run was started.
    case started(name: String)
    /// What came of a request for a checkpoint.
    case checkpoint(CheckpointResponse)
    /// The theme and the mouse are so now.
    case themed(String)
    case mouse(Bool)
    /// Something asked for was done, or could not be.
    case done(String)
    case refused(String)
    /// Time passed; seconds since 1970.
    case tick(Double)
}
