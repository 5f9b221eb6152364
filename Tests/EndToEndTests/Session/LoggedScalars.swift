import EventLog

/// The scalars that a run's event log has now.
struct LoggedScalars {
    private let snapshot: LogSnapshot

    init(directory: String) throws {
        let follower = LogFollower(directory: directory)
        _ = try follower.poll()
        snapshot = follower.snapshot
    }

    subscript(tag: String) -> [Float] { snapshot.scalars[tag].map { $0.map(\.value) } ?? [] }
}
