/// The extent of a curve within one column of dots: its extremes, its first and last value, and whether any value was
/// not finite.
///
/// Drawing from extents keeps every spike at any width: a million points cost what the columns cost. `minimum`,
/// `maximum`, `first` and `last` speak of finite values only and mean nothing while `isEmpty`.
package struct ColumnExtent: Equatable, Sendable {
    package private(set) var isEmpty = true
    package private(set) var minimum = 0.0
    package private(set) var maximum = 0.0
    package private(set) var first = 0.0
    package private(set) var last = 0.0
    package var hasNaN = false
    package var hasPositiveInfinity = false
    package var hasNegativeInfinity = false

    package init() {}

    /// An extent that is known already; the four values are finite.
    package init(minimum: Double, maximum: Double, first: Double, last: Double) {
        isEmpty = false
        self.minimum = minimum
        self.maximum = maximum
        self.first = first
        self.last = last
    }

    /// Adds the next value of the column, in the order of x.
    package mutating func add(_ value: Double) {
        guard value.isFinite else {
            if value.isNaN {
                hasNaN = true
            } else if value > 0 {
                hasPositiveInfinity = true
            } else {
                hasNegativeInfinity = true
            }
            return
        }
        minimum = isEmpty ? value : min(minimum, value)
        maximum = isEmpty ? value : max(maximum, value)
        first = isEmpty ? value : first
        last = value
        isEmpty = false
    }

    package var isFinite: Bool { !hasNaN && !hasPositiveInfinity && !hasNegativeInfinity }

    /// The extents of points in order of x: the sampler of a short series.
    ///
    /// Column i holds the x from lower + i·w up to, but without, lower + (i+1)·w; the last one holds the upper bound too.
    package static func columns(
        _ points: [(x: Double, y: Double)], in range: ClosedRange<Double>, count: Int
    ) -> [ColumnExtent] {
        var columns = Array(repeating: ColumnExtent(), count: max(0, count))
        let width = range.upperBound - range.lowerBound
        guard width > 0, count > 0 else { return columns }
        for point in points where range.contains(point.x) {
            let place = (point.x - range.lowerBound) / width * Double(count)
            columns[place.clamped(to: 0...count - 1)].add(point.y)
        }
        return columns
    }
}

extension Double {
    /// The number rounded down and clamped to the bounds; NaN becomes the lower one. Never traps, as `Int.init` would.
    func clamped(to bounds: ClosedRange<Int>) -> Int {
        guard self > Double(bounds.lowerBound) else { return bounds.lowerBound }
        guard self < Double(bounds.upperBound) else { return bounds.upperBound }
        return Int(rounded(.down))
    }
}
