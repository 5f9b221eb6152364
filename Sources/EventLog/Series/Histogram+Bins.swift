extension Histogram {
    /// The histogram in `bins` bins of equal width from `min` to `max`, for drawing: `edges` has one element more than
    /// `counts`. A bucket's count is spread evenly over its width, as TensorBoard draws it, so counts are fractions and
    /// their sum is that of the buckets. If all values are equal, the bins surround that value.
    package func rebinned(_ bins: Int) -> (edges: [Double], counts: [Double]) {
        precondition(bins > 0, "a histogram cannot be drawn in \(bins) bins")
        let (low, high) = drawnRange
        let width = (high - low) / Double(bins)
        let edges = (0...bins).map { $0 == bins ? high : low + Double($0) * width }
        var binned = [Double](repeating: 0, count: bins)
        for bucket in counts.indices where counts[bucket] > 0 {
            let left = Self.clamp(bucket == 0 ? low : limits[bucket - 1], low, high)
            let right = Self.clamp(limits[bucket], left, high)
            Self.spread(counts[bucket], from: (left - low) / width, to: (right - low) / width, over: &binned)
        }
        return (edges, binned)
    }

    /// The value below which the fraction `q` (0…1) of the values lies, taking each bucket as evenly filled; NaN if the
    /// histogram is empty.
    package func quantile(_ q: Double) -> Double {
        let total = counts.reduce(0, +)
        guard total > 0 else { return .nan }
        var rest = Swift.min(Swift.max(q, 0), 1) * total
        for bucket in counts.indices where counts[bucket] > 0 {
            let left = Self.clamp(bucket == 0 ? min : limits[bucket - 1], min, max)
            let right = Self.clamp(limits[bucket], left, max)
            if rest <= counts[bucket] { return left + (right - left) * rest / counts[bucket] }
            rest -= counts[bucket]
        }
        return max
    }

    /// `min` and `max`, moved apart if they coincide, and taken from the limits if they aren't numbers.
    private var drawnRange: (Double, Double) {
        let finite = limits.filter { $0.isFinite && $0.magnitude < 1e300 }
        let low = min.isFinite ? min : finite.first ?? 0
        let high = Swift.max(max.isFinite ? max : finite.last ?? low, low)
        guard high - low <= Swift.max(low.magnitude, high.magnitude) * 1e-12 || !(high - low).isFinite else {
            return (low, high)
        }
        let margin = Swift.max(0.5, Swift.min(low.magnitude, 1e300) * 1e-6)
        return (Self.clamp(low, -1e300, 1e300) - margin, Self.clamp(high, -1e300, 1e300) + margin)
    }

    private static func clamp(_ value: Double, _ low: Double, _ high: Double) -> Double {
        value.isNaN ? low : Swift.min(Swift.max(value, low), high)
    }

    /// Adds `count` to the bins between two places, measured in bins; all of it to one bin if the places coincide.
    private static func spread(_ count: Double, from left: Double, to right: Double, over bins: inout [Double]) {
        let last = bins.count - 1
        let first = Swift.min(Int(clamp(left, 0, Double(last))), last)
        guard right - left > 1e-12 else {
            bins[first] += count
            return
        }
        for bin in first...last {
            let overlap = Swift.min(right, Double(bin + 1)) - Swift.max(left, Double(bin))
            if overlap <= 0 { break }
            bins[bin] += count * overlap / (right - left)
        }
    }
}
