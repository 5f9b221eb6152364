import Checkpoints

/// A histogram with bins of equal width between the smallest and the largest value.
///
/// With few values there are few bins, about √(8n), so that 16 channels show a shape instead of a comb.
struct EqualBins: Equatable {
    let edges: [Double]
    let counts: [Double]
    let mean: Double
    /// The population standard deviation (divided by n).
    let standardDeviation: Double

    /// Nil if no value is finite. Values that are not are left out.
    init?(_ values: [Double], atMost limit: Int) {
        let finite = values.filter(\.isFinite)
        guard let low = finite.min(), let high = finite.max() else { return nil }
        let count = Double(finite.count)
        let bins = TensorStatistics.bins(values: finite.count, atMost: limit)
        let (start, width) = Self.span(low, high, bins)
        var counts = Array(repeating: 0.0, count: bins)
        for value in finite { counts[min(bins - 1, Int((value - start) / width))] += 1 }
        let mean = finite.reduce(0, +) / count
        self.counts = counts
        self.mean = mean
        edges = (0...bins).map { start + Double($0) * width }
        standardDeviation = (finite.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
    }

    /// The start of the first bin and the width of each; equal values get a narrow range around them.
    private static func span(_ low: Double, _ high: Double, _ bins: Int) -> (start: Double, width: Double) {
        if high - low > 1e-12 * max(abs(low), abs(high)) { return (low, (high - low) / Double(bins)) }
        let margin = max(abs(low) * 0.1, 0.1)
        return (low - margin, 2 * margin / Double(bins))
    }
}
