import Dashboard
import Glibc
import Runs
import Training

/// The message on the shell's screen after the dashboard was closed: what the open run does now.
struct ExitMessage {
    let run: RunSnapshot
    let reason: DashboardLoop.ExitReason

    /// Seconds to wait for a run that was told to stop.
    private static let patience = 20.0

    func say() {
        guard let status = run.status, status.state.needsEngine, status.engine.liveness == .alive else { return }
        if reason == .stopAsked {
            print(outcomeOfStopping(status.engine))
        } else {
            print(
                "\(run.name) goes on training (pid \(status.engine.pid)). "
                    + "normscope watch \(run.directory.path) shows it again.")
        }
    }

    private func outcomeOfStopping(_ engine: EngineProcess) -> String {
        let deadline = Clock.machine.now() + Self.patience
        while engine.liveness == .alive, Clock.machine.now() < deadline { Clock.machine.sleep(0.02) }
        guard engine.liveness != .alive else {
            return "\(run.name) was told to stop and is still writing; normscope runs tells when it has."
        }
        let newest = SavedCheckpoint.list(in: run.directory.checkpointsFolder).last
        return "\(run.name) stopped" + (newest.map { "; saved \($0.path)" } ?? ".")
    }
}
