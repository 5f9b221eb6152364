import Glibc

/// The kind of an axis: linear or logarithmic.
package enum ScaleKind: Hashable, Sendable {
    case linear, logarithmic
}

/// The scale of a vertical axis: a range that is never empty, and the mapping of values to it.
struct ValueScale: Equatable, Sendable {
    let range: ClosedRange<Double>
    let kind: ScaleKind

    /// A scale for a given range, widened where it is empty, and positive if it is logarithmic.
    init(_ range: ClosedRange<Double>, kind: ScaleKind) {
        let limit = 1e300
        var low = max(-limit, min(limit, range.lowerBound))
        var high = max(-limit, min(limit, range.upperBound))
        if kind == .logarithmic {
            high = high > 1e-300 ? high : 1
            low = low > 1e-300 ? min(low, high) : high / 1000
            if high / low < 1.0001 { (low, high) = (low / 3, high * 3) }
        } else if high - low <= max(abs(low), abs(high)) * 1e-12 {
            let margin = max(abs(high) * 0.1, high == 0 ? 1 : 1e-300)
            (low, high) = (low - margin, high + margin)
        }
        self.range = low...high
        self.kind = kind
    }

    /// A scale that holds all `extents` with a little air above and below; zero stays an edge for values of one sign.
    init(fitting extents: some Sequence<ColumnExtent>, kind: ScaleKind) {
        var low = Double.infinity
        var high = -Double.infinity
        for extent in extents where !extent.isEmpty {
            high = max(high, extent.maximum)
            guard kind == .logarithmic else {
                low = min(low, extent.minimum)
                continue
            }
            let positive = [extent.minimum, extent.first, extent.last, extent.maximum].filter { $0 > 0 }
            low = min(low, positive.min() ?? .infinity)
        }
        guard low <= high else {
            self.init(kind == .linear ? 0...1 : 0.1...10, kind: kind)
            return
        }
        self.init(Self.padded(ValueScale(low...high, kind: kind).range, kind: kind), kind: kind)
    }

    private static func padded(_ range: ClosedRange<Double>, kind: ScaleKind) -> ClosedRange<Double> {
        if kind == .logarithmic {
            let factor = exp(0.04 * log(range.upperBound / range.lowerBound))
            return range.lowerBound / factor...range.upperBound * factor
        }
        let margin = (range.upperBound - range.lowerBound) * 0.04
        let low = range.lowerBound - margin
        let high = range.upperBound + margin
        return (range.lowerBound >= 0 ? max(0, low) : low)...(range.upperBound <= 0 ? min(0, high) : high)
    }

    /// The position of a value: 0 at the lower bound, 1 at the upper one, outside of them beyond; nil where the axis
    /// can't show the value.
    func fraction(_ value: Double) -> Double? {
        guard value.isFinite else { return nil }
        if kind == .logarithmic {
            guard value > 0 else { return nil }
            return log(value / range.lowerBound) / log(range.upperBound / range.lowerBound)
        }
        return (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    }

    /// The row of a value among `count` rows of dots, 0 the highest; clamped to one axis length outside.
    func dot(_ value: Double, of count: Int) -> Int? {
        guard count > 0, let fraction = fraction(value) else { return nil }
        return ((1 - fraction) * Double(count - 1) + 0.5).clamped(to: -count...2 * count)
    }

    func ticks(atMost count: Int) -> Ticks {
        kind == .linear ? .linear(range, atMost: count) : .logarithmic(range, atMost: count)
    }
}
