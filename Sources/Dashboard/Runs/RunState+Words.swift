import Canvas
import Charts
import Runs

extension RunCatalogue.State {
    /// The state in a word or two, as filters and scripts know it.
    package var word: String {
        switch self {
        case .known(let state): state.rawValue
        case .lost: "engine gone"
        case .elsewhere(let state, let host): "\(state.rawValue) on \(host)"
        case .silent: "silent"
        case .unstarted: "no status"
        case .log: "log"
        case .unreadable: "unreadable"
        }
    }

    /// The state in words for the user; of a silent engine with the time since when.
    ///
    /// - Parameters:
    ///   - now: seconds since 1970.
    ///   - utcOffset: seconds by which the clock on the wall is ahead of UTC.
    package func words(now: Double, utcOffset: Int) -> String {
        guard case .silent(_, let since, let host) = self else { return word }
        let place = host.map { " on " + $0 } ?? ""
        if now - since >= Self.day { return "silent for \(NumberFormat.duration(now - since))" + place }
        return "silent since \(TimeAxis.wallTime(utcOffset: utcOffset).text(since))" + place
    }

    private static let day = 86_400.0

    var mark: String {
        if isSilent { return "!" }
        return switch reported {
        case .starting, .running: "▶"
        case .paused: "‖"
        case .finished: "✓"
        case .stopped: "■"
        case .failed: "✗"
        case nil: isUnknown ? "·" : "✗"
        }
    }

    var style: Style {
        if isSilent { return Style(.warning, .bold) }
        return switch reported {
        case .starting, .running: Style(.good, .bold)
        case .paused: Style(.warning, .bold)
        case .failed: .error
        case .finished, .stopped: Style(.accent)
        case nil: isUnknown ? Style(.accent) : .error
        }
    }

    /// Whether there is an engine that can receive commands.
    var isTraining: Bool { claimed?.needsEngine ?? false }
    var isRunning: Bool { reported == .running || reported == .starting }
    var isPaused: Bool { claimed == .paused }

    var isSilent: Bool { if case .silent = self { true } else { false } }

    /// Whether the state is unknown, without a sign that something is wrong.
    private var isUnknown: Bool { self == .unstarted || self == .log }

    /// The engine's own report, where there is no reason to doubt it.
    private var reported: RunStatus.State? {
        switch self {
        case .known(let state), .elsewhere(let state, _): state
        case .silent, .lost, .unstarted, .log, .unreadable: nil
        }
    }

    /// The engine's last report, even if it has been silent since.
    private var claimed: RunStatus.State? {
        if case .silent(let state, _, _) = self { state } else { reported }
    }
}
