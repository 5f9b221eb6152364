/// A distribution of values as TensorBoard logs it: counts between limits, and the moments.
///
/// `limits[i]` is the upper limit of bucket i (exclusive, but for the last bucket); its lower limit is `limits[i - 1]`,
/// or `min` for the first. `limits` and `counts` have the same length.
package struct Histogram: Equatable, Sendable {
    package let min: Double
    package let max: Double
    /// How many values were counted.
    package let count: Double
    /// Sum and sum of squares of the values; NaN where the log doesn't say (TensorFlow 2 logs buckets only).
    package let sum: Double
    package let sumOfSquares: Double
    package let limits: [Double]
    package let counts: [Double]

    package init(
        min: Double, max: Double, count: Double, sum: Double, sumOfSquares: Double, limits: [Double], counts: [Double]
    ) {
        precondition(limits.count == counts.count, "\(limits.count) limits for \(counts.count) buckets")
        self.min = min
        self.max = max
        self.count = count
        self.sum = sum
        self.sumOfSquares = sumOfSquares
        self.limits = limits
        self.counts = counts
    }

    package var mean: Double { sum / count }
    /// Of the values themselves (1/n), as PyTorch's `var(unbiased=False)`.
    package var variance: Double { Swift.max(0, sumOfSquares / count - mean * mean) }
}

extension Histogram {
    /// The same with neighbouring empty buckets made one, as TensorFlow writes histograms: values of both signs leave
    /// hundreds of them around zero.
    package var compact: Histogram {
        let kept = counts.indices.filter { index in
            counts[index] != 0 || index + 1 == counts.count || counts[index + 1] != 0
        }
        return Histogram(
            min: min, max: max, count: count, sum: sum, sumOfSquares: sumOfSquares, limits: kept.map { limits[$0] },
            counts: kept.map { counts[$0] })
    }

    package init(of values: [Float]) {
        self = values.withUnsafeBufferPointer { Histogram(of: $0) }
    }

    /// Counts values into TensorBoard's exponential buckets, the ones that PyTorch's SummaryWriter uses: limits
    /// ±1e-12·1.1ⁿ up to 1e20, and 0. Kept are the buckets from the one before the first value to that of the last.
    ///
    /// Values that aren't finite are left out of everything; finite ones beyond the limits go to the outermost bucket.
    /// No values give an empty histogram, all zeros.
    package init(of values: UnsafeBufferPointer<Float>) {
        var tally = BucketTally()
        for value in values where value.isFinite {
            tally.add(value)
        }
        self = tally.histogram
    }
}

/// A tally of values by bucket, from which a histogram is made.
private struct BucketTally {
    var minimum = Float.infinity
    var maximum = -Float.infinity
    var sum = 0.0
    var sumOfSquares = 0.0
    var count = 0
    /// How many values fell below limit i of the buckets and not below limit i − 1.
    var counts = [Int](repeating: 0, count: ExponentialBuckets.limits.count)

    @inline(__always)
    mutating func add(_ value: Float) {
        minimum = Swift.min(minimum, value)
        maximum = Swift.max(maximum, value)
        let wide = Double(value)
        sum += wide
        sumOfSquares += wide * wide
        count += 1
        counts[ExponentialBuckets.bucket(of: value)] += 1
    }

    var histogram: Histogram {
        guard let first = counts.firstIndex(where: { $0 > 0 }), let last = counts.lastIndex(where: { $0 > 0 }) else {
            return Histogram(min: 0, max: 0, count: 0, sum: 0, sumOfSquares: 0, limits: [], counts: [])
        }
        // An empty bucket to the left says where the first one with values begins.
        let kept = first - 1...last
        return Histogram(
            min: Double(minimum), max: Double(maximum), count: Double(count), sum: sum, sumOfSquares: sumOfSquares,
            limits: Array(ExponentialBuckets.limits[kept]), counts: counts[kept].map(Double.init))
    }
}

/// The buckets of TensorBoard's default limits, and which of them a number falls into.
enum ExponentialBuckets {
    /// In order: −1e-12·1.1ⁿ from the largest n, 0, 1e-12·1.1ⁿ. Each is the one before times 1.1, as the original makes
    /// them: computing the power instead would differ in the last bits.
    static let limits: [Double] = positive.reversed().map { -$0 } + [0] + positive

    private static let positive: [Double] = {
        var limits: [Double] = []
        var limit = 1e-12
        while limit < 1e20 {
            limits.append(limit)
            limit *= 1.1
        }
        return limits
    }()

    /// The index of the first limit above `value`, at least 1 and at most the last: bucket i holds
    /// `limits[i - 1] <= value < limits[i]`.
    @inline(__always)
    static func bucket(of value: Float) -> Int {
        let index = Swift.min(Swift.max(Int(value.bitPattern >> 18 & 0x1FFF) - firstCell, 0), starts.count - 1)
        let magnitude = Double(value.magnitude)
        var rank = Int(starts[index])
        // `rank` positive limits are at most `magnitude`; a cell is narrower than a bucket, so one step is enough.
        if rank < positive.count && positive[rank] <= magnitude { rank += 1 }
        if value >= 0 { return Swift.min(positive.count + 1 + rank, limits.count - 1) }
        // Mirrored, the limits are open on the other side: −limit itself belongs to the bucket that begins there.
        let below = rank > 0 && positive[rank - 1] == magnitude ? rank - 1 : rank
        return Swift.max(positive.count - below, 1)
    }

    /// A cell is one of 32 equal parts of an octave: the exponent and five bits of the significand.
    private static let firstCell = Int(Float(1e-12).bitPattern >> 18) - 1

    /// For each cell, how many positive limits are at most its lower end.
    private static let starts: [UInt16] = {
        let lastCell = Int(Float(1e20).bitPattern >> 18)
        return (firstCell...lastCell).map { cell in
            let lowerEnd = Double(Float(bitPattern: UInt32(cell) << 18))
            return UInt16(positive.prefix { $0 <= lowerEnd }.count)
        }
    }()
}
