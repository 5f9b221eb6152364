import Runs
import Training

extension RunDirectory {
    /// Appends a command for the run's engine; returns the id under which it will be answered.
    func send(_ action: Command.Action) throws -> String {
        let command = Command(time: Clock.machine.now(), action: action)
        try CommandLog.append(command, to: commandsFile)
        return command.id
    }

    /// Whether the command `later` was asked after `earlier`. Commands are carried out in their order, and a status names only
    /// the newest: one that it names settles all before it.
    func wasAsked(_ later: String, after earlier: String) throws -> Bool {
        var reader = CommandReader(path: commandsFile, from: .beginning)
        var seen = false
        while case let items = try reader.poll(), !items.isEmpty {
            for case .command(let command) in items {
                if command.id == earlier { seen = true } else if command.id == later { return seen }
            }
        }
        return false
    }

    /// What the engine says that trains the run now.
    func requireEngine() throws -> RunStatus {
        let status = try RunStatus.read(from: statusFile)
        guard let status, status.state.needsEngine, status.engine.liveness != .dead else {
            let state =
                status?.state.needsEngine == true ? "its engine is gone" : status?.state.rawValue ?? "not started"
            let way = status?.foreignResume ?? "normscope resume \(path) goes on"
            let advice = status?.state == .finished ? "" : ": " + way
            throw ProgramError("\(path): nothing is training here (\(state))" + advice)
        }
        return status
    }

    /// Sees to it that our engine may go on with the run: none that another program trained can be.
    func requireResumable() throws {
        guard let status = try RunStatus.read(from: statusFile), let way = status.foreignResume else { return }
        try requireNoEngine()
        throw ProgramError("\(path): \(way)")
    }

    /// The experiment of the run that a checkpoint is in; nil if it is in none, or in one that another program trained,
    /// whose network is written down nowhere.
    static func experimentFile(ofCheckpoint path: String) -> String? {
        guard let run = holding(checkpoint: path) else { return nil }
        let status = (try? RunStatus.read(from: run.statusFile)) ?? nil
        return status?.isOurs == false ? nil : run.experimentFile
    }

    func requireNoEngine() throws {
        let status = try RunStatus.read(from: statusFile)
        if let status, status.state.needsEngine, status.engine.liveness == .alive {
            throw TrainingError.alreadyTraining(run: path, pid: status.engine.pid)
        }
    }

    /// The file of the checkpoint with the highest step.
    func newestCheckpoint() throws -> String {
        guard let newest = SavedCheckpoint.list(in: checkpointsFolder).last else {
            throw TrainingError.noCheckpoint(run: path)
        }
        return newest.path
    }
}
