import Glibc

/// A series' debiased exponential moving average, TensorBoard's smoothing: over all points in order, before anything is
/// decimated, so that it doesn't depend on how wide the window is.
///
///     sᵢ = w·sᵢ₋₁ + (1−w)·xᵢ with s₀ = 0;  shown is sᵢ / (1 − wⁿ) after n finite values
///
/// A value that isn't finite stays as it is and leaves the average untouched. `extend(with:)` costs O(new points): keep
/// one of these for each curve that is shown and extend it with every snapshot.
package struct SmoothedSeries: Sendable {
    package let weight: Double
    private var values = ChunkedList<Float>()
    private var pyramid = ExtentPyramid()
    private var average = 0.0
    /// wⁿ: how much of the average is still the zero it started from.
    private var bias = 1.0
    private var revision: UInt64?

    /// - Parameter weight: 0 (no smoothing) to less than 1.
    package init(weight: Double) {
        precondition(weight >= 0 && weight < 1, "a smoothing weight is in 0..<1, not \(weight)")
        self.weight = weight
    }

    package var count: Int { values.count }
    package subscript(index: Int) -> Float { values[index] }
    package var last: Float? { values.last }

    /// What the smoothed values in `range` hold, for one column of a chart. O(log n).
    package func extent(_ range: Range<Int>) -> ValueExtent {
        pyramid.extent(range) { values[$0] }
    }

    /// Takes in what `series` has gained since the last call, but not more than `limit` points at once; begins anew if it
    /// is another series or lost points.
    package mutating func extend(with series: ScalarSeries, atMost limit: Int = .max) {
        if revision != series.revision || series.count < count {
            self = SmoothedSeries(weight: weight)
            revision = series.revision
        }
        for index in count..<min(series.count, limit == .max ? .max : count + limit) {
            append(series[index].value)
        }
    }

    private mutating func append(_ value: Float) {
        let smoothed = value.isFinite ? next(Double(value)) : value
        values.append(smoothed)
        pyramid.append(smoothed)
    }

    private mutating func next(_ value: Double) -> Float {
        average = average * weight + (1 - weight) * value
        bias *= weight
        return Float(average / (1 - bias))
    }
}

extension ScalarSeries {
    package func smoothed(weight: Double) -> SmoothedSeries {
        var smoothed = SmoothedSeries(weight: weight)
        smoothed.extend(with: self)
        return smoothed
    }
}
