import Canvas
import Charts
import EventLog

extension ColumnExtent {
    init(_ extent: ValueExtent) {
        self.init()
        if let range = extent.range {
            let low = Double(range.lowerBound)
            let high = Double(range.upperBound)
            func inside(_ value: Float) -> Double { value.isFinite ? Double(value) : (low + high) / 2 }
            self.init(minimum: low, maximum: high, first: inside(extent.first), last: inside(extent.last))
        }
        hasNaN = extent.nanCount > 0
        hasPositiveInfinity = extent.positiveInfinityCount > 0
        hasNegativeInfinity = extent.negativeInfinityCount > 0
    }
}

extension LineChart.Curve {
    /// A series as it was logged.
    static func raw(_ series: ScalarSeries, label: String, style: Style, on scale: HorizontalScale) -> Self {
        sampled(series, label: label, style: style, on: scale) { series.extent($0) }
    }

    /// The curve of a series' moving average; `smoothed` was extended with it, as far as there was time.
    static func smoothed(
        _ smoothed: SmoothedSeries, of series: ScalarSeries, label: String, style: Style, on scale: HorizontalScale
    ) -> Self {
        sampled(series, label: label, style: style, on: scale) {
            smoothed.extent($0.clamped(to: 0..<smoothed.count))
        }
    }

    /// Samples one extent a column of dots, each found by two searches: drawing costs what the columns cost.
    private static func sampled(
        _ series: ScalarSeries, label: String, style: Style, on scale: HorizontalScale,
        extent: @escaping @Sendable (Range<Int>) -> ValueExtent
    ) -> Self {
        Self(label: label, style: style) { range, columns in
            let width = (range.upperBound - range.lowerBound) / Double(max(columns, 1))
            var start = scale.index(of: range.lowerBound, in: series)
            return (0..<columns).map { column in
                let end =
                    column == columns - 1
                    ? scale.index(of: range.upperBound.nextUp, in: series)
                    : scale.index(of: range.lowerBound + Double(column + 1) * width, in: series)
                defer { start = max(start, end) }
                return ColumnExtent(extent(start..<max(start, end)))
            }
        }
    }
}
