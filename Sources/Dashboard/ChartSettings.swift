/// How curves are drawn, in every chart alike.
package struct ChartSettings: Equatable, Sendable {
    /// What a horizontal axis counts.
    package enum HorizontalAxis: CaseIterable, Sendable {
        case step, epoch
        /// Seconds since the run's first point.
        case relative
        /// The clock on the wall.
        case wall

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
    private var weightIndex = 4

    /// Losses on a logarithmic axis, where the first steps do not flatten all that follows.
    package var isLogarithmic = true
    package var axis = HorizontalAxis.step
    package var window = StepWindow()

    package init() {}

    /// Weight of what came before in the moving average: 0 is raw, 0.99 the smoothest.
    package var smoothing: Double { Self.weights[weightIndex] }

    mutating func smoothMore() { weightIndex = min(weightIndex + 1, Self.weights.count - 1) }
    mutating func smoothLess() { weightIndex = max(weightIndex - 1, 0) }
    mutating func smoothNot() { weightIndex = 0 }
}
