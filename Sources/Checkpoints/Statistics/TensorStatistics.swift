/// A tensor's values in six numbers. What isn't finite is counted and left out of all others.
package struct TensorStatistics: Equatable, Sendable {
    /// Elements in all.
    package var count = 0
    /// NaNs and infinities.
    package var nonFinite = 0
    /// Nil, as are the next two, if no element is finite or if the numbers are complex.
    package var minimum: Double?
    package var maximum: Double?
    package var mean: Double?
    /// With n−1 below the sum, as `torch.std` has it; nil for fewer than two finite elements.
    package var standardDeviation: Double?
}

extension TensorStatistics {
    private static let fewestBins = 8

    /// Into how many equal parts a histogram of so many values is divided: about √(8n), so that 16 channels show a shape and
    /// no comb.
    package static func bins(values: Int, atMost limit: Int) -> Int {
        max(1, min(limit, max(fewestBins, Int((8 * Double(values)).squareRoot()))))
    }
}

extension CheckpointFile {
    /// Reads the values once, a piece at a time; memory stays small however large the tensor is.
    ///
    /// - Parameter isCancelled: asked between two pieces (of at most 256 KB); true ends with `CheckpointError.cancelled`.
    package func statistics(
        _ entry: TensorEntry, isCancelled: () -> Bool = { false }
    ) throws(CheckpointError) -> TensorStatistics {
        var moments = Moments()
        var nonFinite = 0
        try contents.pieces(of: entry) { piece throws(CheckpointError) in
            guard !isCancelled() else { throw .cancelled(path: path) }
            switch piece {
            case .floats(let numbers): nonFinite += moments.add(numbers)
            case .doubles(let numbers): nonFinite += moments.add(numbers)
            }
        }
        return summary(moments, nonFinite: nonFinite, of: entry)
    }

    private func summary(_ moments: Moments, nonFinite: Int, of entry: TensorEntry) -> TensorStatistics {
        // An expanded tensor repeats each of its numbers equally often.
        let seen = moments.count + nonFinite
        let repeats = seen == 0 ? 1 : max(1, entry.count / max(1, entry.type.isComplex ? seen / 2 : seen))
        var statistics = TensorStatistics(count: entry.count, nonFinite: nonFinite * repeats)
        guard moments.count > 0, !entry.type.isComplex else { return statistics }
        let count = Double(moments.count) * Double(repeats)
        statistics.minimum = moments.minimum
        statistics.maximum = moments.maximum
        statistics.mean = moments.mean.finite
        if count > 1 {
            statistics.standardDeviation = (moments.squares * Double(repeats) / (count - 1)).squareRoot().finite
        }
        return statistics
    }

    /// How often values fall into `bins` equal parts of a range; the last part includes its upper end. What lies outside
    /// of the range or isn't finite is not counted.
    ///
    /// - Precondition: there is at least one bin.
    package func histogram(
        _ entry: TensorEntry, over range: ClosedRange<Double>, bins: Int, isCancelled: () -> Bool = { false }
    ) throws(CheckpointError) -> [Int] {
        precondition(bins > 0, "a histogram has at least one bin")
        var counts = BinCounts(range, bins: bins)
        try contents.pieces(of: entry) { piece throws(CheckpointError) in
            guard !isCancelled() else { throw .cancelled(path: path) }
            switch piece {
            case .floats(let numbers): counts.add(numbers)
            case .doubles(let numbers): counts.add(numbers)
            }
        }
        return counts.counts
    }
}

/// Equal parts of a range and how many numbers fell into each.
private struct BinCounts {
    private(set) var counts: [Int]
    private let range: ClosedRange<Double>
    private let width: Double

    init(_ range: ClosedRange<Double>, bins: Int) {
        counts = [Int](repeating: 0, count: bins)
        self.range = range
        width = (range.upperBound - range.lowerBound) / Double(bins)
    }

    mutating func add(_ numbers: UnsafeBufferPointer<some BinaryFloatingPoint>) {
        for number in numbers where range.contains(Double(number)) {
            let bin = width > 0 ? (Double(number) - range.lowerBound) / width : 0
            counts[min(counts.count - 1, Int(bin.isFinite ? bin : 0))] += 1
        }
    }
}

extension Double {
    /// Nil where a sum of huge numbers left the range of doubles.
    fileprivate var finite: Double? { isFinite ? self : nil }
}

/// Count, mean and sum of squared deviations, merged block by block (Chan, Golub & LeVeque 1979). Within a block the
/// deviations are taken from a centre near the mean, in one pass; where the centre was not near enough and the numbers would
/// cancel, the block, which is in the cache now, is gone through again around its own mean.
private struct Moments {
    private static let blockSize = 4096
    /// How many times larger than the spread the distance between centre and mean may be, squared: costs 4 of 16 digits.
    private static let farthest = 1e4

    private(set) var count = 0
    private(set) var mean = 0.0
    private(set) var squares = 0.0
    private(set) var minimum = Double.infinity
    private(set) var maximum = -Double.infinity

    /// Adds numbers; returns how many were not finite.
    mutating func add<Number: BlockNumber>(_ numbers: UnsafeBufferPointer<Number>) -> Int {
        var nonFinite = 0
        var rest = numbers[...]
        while !rest.isEmpty {
            let block = UnsafeBufferPointer(rebasing: rest.prefix(Self.blockSize))
            nonFinite += addBlock(block)
            rest = rest.dropFirst(block.count)
        }
        return nonFinite
    }

    private mutating func addBlock<Number: BlockNumber>(_ block: UnsafeBufferPointer<Number>) -> Int {
        let deviations = Number.deviations(block, from: mean)
        // One number that is not finite makes the sum of squares so; huge ones can, too.
        guard !deviations.squares.isFinite else {
            merge(block, deviations)
            return 0
        }
        let finite = block.filter(\.isFinite)
        if !finite.isEmpty {
            finite.withUnsafeBufferPointer { merge($0, Number.deviations($0, from: mean)) }
        }
        return block.count - finite.count
    }

    private mutating func merge<Number: BlockNumber>(
        _ block: UnsafeBufferPointer<Number>, _ deviations: BlockDeviations
    ) {
        let blockCount = Double(block.count)
        let blockMean = mean + deviations.sum / blockCount
        var blockSquares = deviations.squares - deviations.sum * deviations.sum / blockCount
        if deviations.squares > Self.farthest * blockSquares {
            blockSquares = Number.deviations(block, from: blockMean).squares
        }
        let total = Double(count) + blockCount
        let difference = blockMean - mean
        squares += blockSquares + difference * difference * Double(count) * blockCount / total
        mean += difference * blockCount / total
        minimum = min(minimum, deviations.minimum)
        maximum = max(maximum, deviations.maximum)
        count += block.count
    }
}
