/// Settings that all charts share.
package struct ChartSettings: Equatable, Sendable {
    /// The quantity of a horizontal axis.
    package enum HorizontalAxis: String, CaseIterable, Sendable {
        case step, epoch
        /// Seconds since the run's first point.
        case relative = "time"
        /// The local time of day.
        case wall = "clock"

        var next: Self {
            switch self {
            case .step: .epoch
            case .epoch: .relative
            case .relative: .wall
            case .wall: .step
            }
        }

        var title: String {
            switch self {
            case .step: "step"
            case .epoch: "epoch"
            case .relative: "time since the start"
            case .wall: "wall time"
            }
        }
    }

    /// Weights of the exponential moving average that `+` and `-` walk through.
    private static let weights = [0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99]
    package static let usualSmoothing = 0.9
    package static let smoothings = 0...0.99

    /// Whether losses have a logarithmic axis, on which the first steps do not flatten all that follows.
    package var isLogarithmic = true
    package var axis = HorizontalAxis.step
    package var window = StepWindow()

    package init() {}

    /// Weight of what came before in the moving average: 0 is raw, 0.99 the smoothest.
    package private(set) var smoothing = ChartSettings.usualSmoothing

    mutating func smoothMore() { smoothing = Self.weights.first { $0 > smoothing } ?? smoothing }
    mutating func smoothLess() { smoothing = Self.weights.last { $0 < smoothing } ?? smoothing }
    mutating func smoothNot() { smoothing = 0 }

    /// Sets the weight; returns false for an invalid one.
    mutating func smooth(by weight: Double) -> Bool {
        guard Self.smoothings.contains(weight) else { return false }
        smoothing = weight
        return true
    }
}
