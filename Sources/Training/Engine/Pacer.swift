import Runs

/// A pacemaker that spaces steps evenly in time, for people who watch.
///
/// Steps are due at fixed distances; a step that comes late does not make the next ones hurry by more than `catchUp`
/// seconds' worth, so that a wait is not followed by a burst.
struct Pacer {
    private static let catchUp = 0.1
    private var due: Double?

    var pace: Pace {
        didSet { due = nil }
    }

    init(pace: Pace) {
        self.pace = pace
    }

    /// Seconds until the next step may start; 0 if it may now.
    func wait(at now: Double) -> Double {
        guard case .stepsPerSecond = pace, let due else { return 0 }
        return max(0, due - now)
    }

    mutating func stepStarted(at now: Double) {
        guard case .stepsPerSecond(let rate) = pace else { return }
        due = max(due ?? now, now - Self.catchUp) + 1 / rate
    }

    /// Forgets what was due: the training stood still.
    mutating func rest() { due = nil }
}

extension Pace {
    private static let slowest = 1.0

    /// The pace changed by a factor, between one step a second and full speed.
    ///
    /// - Parameter stepsPerSecond: what the engine really does, if known. Full speed is slowed down from there, and a
    /// pace   that the engine doesn't keep up with is full speed already.
    func times(_ factor: Double, stepsPerSecond: Double?) -> Pace {
        switch self {
        case .full:
            guard factor < 1, let stepsPerSecond else { return .full }
            return .stepsPerSecond(max(Self.slowest, (stepsPerSecond * factor).rounded()))
        case .stepsPerSecond(let rate):
            if factor > 1, let stepsPerSecond, stepsPerSecond < 0.8 * rate { return .full }
            return .stepsPerSecond(max(Self.slowest, rate * factor))
        }
    }
}
