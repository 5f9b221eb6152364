import Runs

extension RunStatus {
    /// Says in a run's status that its engine could not begin. A run that had finished stays finished.
    package static func writeFailure(_ reason: String, of directory: RunDirectory, clock: Clock = .machine) {
        let known = try? RunStatus.read(from: directory.statusFile)
        guard known?.state != .finished else { return }
        var status = known ?? RunStatus(state: .failed, updated: 0)
        status.state = .failed
        status.engine = .current()
        status.program = ourProgram
        status.error = reason
        status.updated = clock.now()
        try? status.write(to: directory.statusFile)
    }
}
