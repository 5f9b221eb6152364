import EventLog

/// The mapping between steps and positions on a horizontal axis, for one run.
struct HorizontalScale: Sendable {
    let axis: ChartSettings.HorizontalAxis
    /// Steps an epoch, if the run says so.
    let stepsPerEpoch: Double?
    /// Wall time of the run's first point, seconds since 1970.
    let start: Double

    /// The axis that can be drawn: without a known number of steps an epoch, steps instead of epochs.
    var effectiveAxis: ChartSettings.HorizontalAxis {
        axis == .epoch && stepsPerEpoch == nil ? .step : axis
    }

    func place(of point: ScalarPoint) -> Double {
        switch effectiveAxis {
        case .step: Double(point.step)
        case .epoch: Double(point.step) / (stepsPerEpoch ?? 1)
        case .relative: point.wallTime - start
        case .wall: point.wallTime
        }
    }

    /// The index of the first point of `series` at or right of `place`.
    func index(of place: Double, in series: ScalarSeries) -> Int {
        switch effectiveAxis {
        case .step: series.lowerBound(step: Self.step(place))
        case .epoch: series.lowerBound(step: Self.step(place * (stepsPerEpoch ?? 1)))
        case .relative: series.lowerBound(wallTime: start + place)
        case .wall: series.lowerBound(wallTime: place)
        }
    }

    private static func step(_ place: Double) -> Int64 {
        Int64(min(max(place.rounded(.up), -9e18), 9e18))
    }

    /// The range of the axis for a range of steps, as `series` places them.
    func range(of steps: ClosedRange<Double>, in series: ScalarSeries) -> ClosedRange<Double> {
        switch effectiveAxis {
        case .step: return steps
        case .epoch:
            let perEpoch = stepsPerEpoch ?? 1
            return steps.lowerBound / perEpoch...steps.upperBound / perEpoch
        case .relative: return times(of: steps, in: series)
        case .wall:
            let times = times(of: steps, in: series)
            return start + times.lowerBound...start + times.upperBound
        }
    }

    private func times(of steps: ClosedRange<Double>, in series: ScalarSeries) -> ClosedRange<Double> {
        guard !series.isEmpty else { return 0...1 }
        let first = min(series.lowerBound(step: Self.step(steps.lowerBound)), series.count - 1)
        let last = min(series.lowerBound(step: Self.step(steps.upperBound)), series.count - 1)
        let begin = steps.lowerBound <= 0 ? 0 : series[first].wallTime - start
        return begin...max(series[last].wallTime - start, begin + 1e-3)
    }
}
