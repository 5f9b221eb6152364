import Canvas
import Runs

extension RunCatalogue.State {
    /// The state in the words of the screen and of `normscope runs`.
    package var word: String {
        switch self {
        case .known(let state): state.rawValue
        case .lost: "engine gone"
        case .elsewhere(let state, let host): "\(state.rawValue) on \(host)"
        case .unstarted: "no status"
        case .log: "log"
        case .unreadable: "unreadable"
        }
    }

    var mark: String {
        switch reported {
        case .starting, .running: "▶"
        case .paused: "‖"
        case .finished: "✓"
        case .stopped: "■"
        case .failed: "✗"
        case nil: isUnknown ? "·" : "✗"
        }
    }

    var style: Style {
        switch reported {
        case .starting, .running: Style(.good, .bold)
        case .paused: Style(.warning, .bold)
        case .failed: .error
        case .finished, .stopped: Style(.accent)
        case nil: isUnknown ? Style(.accent) : .error
        }
    }

    /// Whether there is an engine that would hear a command.
    var isTraining: Bool { reported?.needsEngine ?? false }
    var isRunning: Bool { reported == .running || reported == .starting }
    var isPaused: Bool { reported == .paused }

    /// Nothing says what it does, and nothing says that something is wrong.
    private var isUnknown: Bool { self == .unstarted || self == .log }

    /// What the engine says of itself, where there is no reason to doubt it.
    private var reported: RunStatus.State? {
        switch self {
        case .known(let state), .elsewhere(let state, _): state
        case .lost, .unstarted, .log, .unreadable: nil
        }
    }
}
