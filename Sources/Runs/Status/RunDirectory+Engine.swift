/// Asking whether a run has an engine, and from where a new one could go on.
extension RunDirectory {
    /// The status of the engine that trains the run now.
    package func requireEngine() throws(RunsError) -> RunStatus {
        let status = try RunStatus.read(from: statusFile)
        guard let status, status.state.needsEngine, status.engine.liveness != .dead else {
            let state =
                status?.state.needsEngine == true ? "its engine is gone" : status?.state.rawValue ?? "not started"
            let way = status?.foreignResume ?? "normscope resume \(path) goes on"
            throw .notTraining(path: path, state: state, remedy: status?.state == .finished ? nil : way)
        }
        return status
    }

    /// Sees to it that nothing trains the run.
    package func requireNoEngine() throws(RunsError) {
        let status = try RunStatus.read(from: statusFile)
        if let status, status.state.needsEngine, status.engine.liveness == .alive {
            throw .alreadyTraining(run: path, pid: status.engine.pid)
        }
    }

    /// Sees to it that our engine may go on with the run: none that another program trained can be.
    package func requireResumable() throws(RunsError) {
        guard let status = try RunStatus.read(from: statusFile), let way = status.foreignResume else { return }
        try requireNoEngine()
        throw .foreign(path: path, remedy: way)
    }

    /// The file of the checkpoint with the highest step.
    package func newestCheckpoint() throws(RunsError) -> String {
        guard let newest = SavedCheckpoint.list(in: checkpointsFolder).last else { throw .noCheckpoint(run: path) }
        return newest.path
    }

    /// The experiment of the run that a checkpoint is in; nil if it is in none, or in one that another program trained,
    /// whose network is written down nowhere.
    package static func experimentFile(ofCheckpoint path: String) -> String? {
        guard let run = holding(checkpoint: path) else { return nil }
        let status = (try? RunStatus.read(from: run.statusFile)) ?? nil
        return status?.isOurs == false ? nil : run.experimentFile
    }
}
