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
        case .unreadable: "unreadable"
        }
    }

    var mark: String {
        switch self {
        case .known(.starting), .known(.running), .elsewhere(.running, _), .elsewhere(.starting, _): "▶"
        case .known(.paused), .elsewhere(.paused, _): "‖"
        case .known(.finished), .elsewhere(.finished, _): "✓"
        case .known(.stopped), .elsewhere(.stopped, _): "■"
        case .known(.failed), .elsewhere(.failed, _), .lost, .unreadable: "✗"
        case .unstarted: "·"
        }
    }

    var style: Style {
        switch self {
        case .known(.starting), .known(.running), .elsewhere(.running, _), .elsewhere(.starting, _): Style(.good, .bold)
        case .known(.paused), .elsewhere(.paused, _): Style(.warning, .bold)
        case .known(.failed), .elsewhere(.failed, _), .lost, .unreadable: .error
        default: Style(.accent)
        }
    }

    /// Whether there is an engine that would hear a command.
    var isTraining: Bool {
        switch self {
        case .known(let state), .elsewhere(let state, _): state.needsEngine
        default: false
        }
    }

    var isRunning: Bool { self == .known(.running) || mark == "▶" }
    var isPaused: Bool { mark == "‖" }
}
