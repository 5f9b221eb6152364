import Testing

@testable import EventLog

/// Values with spikes, NaN and infinities among them.
private func values(_ count: Int, seed: UInt64) -> [Float] {
    var numbers = SeededNumbers(seed: seed)
    return (0..<count).map { _ in
        switch Int.random(in: 0..<50, using: &numbers) {
        case 0: .nan
        case 1: .infinity
        case 2: -.infinity
        default: Float.random(in: -10...10, using: &numbers)
        }
    }
}

private func series(_ values: [Float]) -> ScalarSeries {
    var series = ScalarSeries()
    for (step, value) in values.enumerated() {
        series.append(step: Int64(step * 2), wallTime: Double(step) * 0.5, value: value)
    }
    return series
}

/// An extent by looking at every value.
private func plainExtent(_ values: ArraySlice<Float>) -> ValueExtent {
    var extent = ValueExtent()
    extent.count = values.count
    extent.first = values.first ?? .nan
    extent.last = values.last ?? .nan
    for value in values {
        if value.isNaN { extent.nanCount += 1 }
        if value == .infinity { extent.positiveInfinityCount += 1 }
        if value == -.infinity { extent.negativeInfinityCount += 1 }
        if value.isFinite {
            extent.minimum = min(extent.minimum, value)
            extent.maximum = max(extent.maximum, value)
        }
    }
    return extent
}

private func same(_ left: ValueExtent, _ right: ValueExtent) -> Bool {
    func bits(_ extent: ValueExtent) -> [UInt32] {
        [extent.minimum, extent.maximum, extent.first, extent.last].map { $0.isNaN ? 0 : $0.bitPattern }
    }
    return bits(left) == bits(right) && left.count == right.count && left.nanCount == right.nanCount
        && left.positiveInfinityCount == right.positiveInfinityCount
        && left.negativeInfinityCount == right.negativeInfinityCount
}

@Suite struct ScalarSeriesTests {
    @Test(arguments: [0, 1, 63, 64, 65, 1023, 1024, 1025, 20_000])
    func extentsOfAnyRangeAreThoseOfItsValues(_ count: Int) {
        let values = values(count, seed: UInt64(count))
        let series = series(values)
        var numbers = SeededNumbers(seed: 7)
        for _ in 0..<200 {
            let ends = [Int.random(in: 0...count, using: &numbers), Int.random(in: 0...count, using: &numbers)].sorted()
            #expect(same(series.extent(ends[0]..<ends[1]), plainExtent(values[ends[0]..<ends[1]])))
        }
        #expect(same(series.extent(0..<count), plainExtent(values[...])))
    }

    @Test(arguments: [0, 1, 64, 1000, 1024, 1025, 2048, 4999])
    func extentsHoldAfterAPurge(_ kept: Int) {
        var all = values(5000, seed: 3)
        var series = series(all)
        series.purge(from: Int64(kept * 2))
        #expect(series.count == kept)
        let more = values(3000, seed: 4)
        for (index, value) in more.enumerated() {
            series.append(step: Int64(kept + index) * 2, wallTime: 0, value: value)
        }
        all = all[..<kept] + more
        #expect(series.map(\.value.bitPattern) == all.map(\.bitPattern))
        var numbers = SeededNumbers(seed: 8)
        for _ in 0..<100 {
            let low = Int.random(in: 0..<all.count, using: &numbers)
            let high = Int.random(in: low...all.count, using: &numbers)
            #expect(same(series.extent(low..<high), plainExtent(all[low..<high])))
        }
    }

    @Test func pointsComeBackAsTheyWere() {
        var series = ScalarSeries()
        let point = ScalarPoint(step: -(1 << 62), wallTime: 1_763_000_000.123456, value: -0.0)
        series.append(step: point.step, wallTime: point.wallTime, value: point.value)
        #expect(series.first == point && series.last == point)
        #expect(series[0].value.sign == .minus)
    }

    @Test func lowerBoundsAreTheFirstPointNotBefore() {
        let series = series(values(3000, seed: 1))
        #expect(series.lowerBound(step: -5) == 0)
        #expect(series.lowerBound(step: 1001) == 501)
        #expect(series.lowerBound(step: 1002) == 501)
        #expect(series.lowerBound(step: 99_999) == 3000)
        #expect(series.lowerBound(wallTime: 10.25) == 21)
    }

    @Test func aPointTakesAtMost24Bytes() {
        #expect(MemoryLayout<PackedPoint>.stride == 20)
        #expect(MemoryLayout<BlockExtent>.stride <= 20)
    }

    @Test func aCopyDoesNotSeeWhatIsAppendedOrPurgedLater() {
        let values = values(2000, seed: 2)
        var series = series(values)
        let copy = series
        series.purge(from: 100)
        series.append(step: 5000, wallTime: 0, value: 1)
        #expect(copy.count == 2000 && series.count == 51)
        #expect(copy.map(\.value.bitPattern) == values.map(\.bitPattern))
    }
}

@Suite struct SmoothedSeriesTests {
    @Test func aWeightOfNothingGivesTheValues() {
        let values = values(500, seed: 1)
        let smoothed = series(values).smoothed(weight: 0)
        #expect((0..<500).map { smoothed[$0].bitPattern } == values.map(\.bitPattern))
    }

    @Test func theFirstValueIsNotPulledTowardsZero() {
        let smoothed = series([4, 2, .nan, 2]).smoothed(weight: 0.5)
        #expect(smoothed[0] == 4)
        #expect(smoothed[1] == Float((0.5 * 2 + 0.5 * 2) / 0.75))
        #expect(smoothed[2].isNaN)
        #expect(abs(smoothed[3] - (1 + 1) / 0.875) < 1e-6)
    }

    @Test func extendingBitByBitGivesWhatSmoothingAtOnceGives() {
        let values = values(4000, seed: 6)
        var grown = SmoothedSeries(weight: 0.97)
        var series = ScalarSeries()
        for (step, value) in values.enumerated() {
            series.append(step: Int64(step), wallTime: 0, value: value)
            if step % 137 == 0 { grown.extend(with: series) }
        }
        grown.extend(with: series)
        let whole = series.smoothed(weight: 0.97)
        #expect((0..<4000).map { grown[$0].bitPattern } == (0..<4000).map { whole[$0].bitPattern })
        let plain = (0..<4000).map { whole[$0] }
        #expect(same(whole.extent(100..<3900), plainExtent(plain[100..<3900])))
    }

    @Test func aPurgeBeginsTheAverageAnew() {
        var series = series([1, 2, 3, 4, 5])
        var smoothed = series.smoothed(weight: 0.9)
        series.append(step: 4, wallTime: 0, value: 9)
        series.append(step: 6, wallTime: 0, value: 9)
        series.append(step: 8, wallTime: 0, value: 9)
        smoothed.extend(with: series)
        let fresh = series.smoothed(weight: 0.9)
        #expect(smoothed.count == 5)
        #expect((0..<5).map { smoothed[$0] } == (0..<5).map { fresh[$0] })
    }
}

@Suite struct HistogramTests {
    @Test func binsKeepTheCountAndTheEnds() {
        var numbers = SeededNumbers(seed: 2)
        let histogram = Histogram(of: (0..<1000).map { _ in Float.random(in: -3...5, using: &numbers) })
        for bins in [1, 2, 7, 80] {
            let (edges, counts) = histogram.rebinned(bins)
            #expect(edges.count == bins + 1 && counts.count == bins)
            #expect(edges.first == histogram.min && edges.last == histogram.max)
            #expect(abs(counts.reduce(0, +) - 1000) < 1e-6)
        }
    }

    @Test func aBucketIsSpreadEvenlyOverItsWidth() {
        let histogram = Histogram(
            min: 0, max: 4, count: 8, sum: 0, sumOfSquares: 0, limits: [1, 4], counts: [2, 6])
        #expect(histogram.rebinned(4).counts == [2, 2, 2, 2])
        #expect(histogram.rebinned(2).counts == [4, 4])
        #expect(histogram.quantile(0.25) == 1)
        #expect(histogram.quantile(0.625) == 2.5)
    }

    @Test(arguments: [0, 1, -2.5, 1e20, 3e38, -3e38, 1e-30] as [Float])
    func equalValuesAreOneBinBetweenTwoEdges(_ value: Float) {
        let (edges, counts) = Histogram(of: [value, value, value]).rebinned(5)
        #expect(edges == edges.sorted() && edges[0] < edges[5])
        #expect(edges[0] <= Double(value) && Double(value) <= edges[5])
        #expect(abs(counts.reduce(0, +) - 3) < 1e-9)
    }

    @Test func valuesThatAreNotFiniteAreLeftOut() {
        let histogram = Histogram(of: [1, .nan, 2, .infinity, -.infinity])
        #expect(histogram.count == 2 && histogram.min == 1 && histogram.max == 2 && histogram.sum == 3)
        #expect(histogram.mean == 1.5 && histogram.variance == 0.25)
    }

    @Test func emptyBucketsTogetherAreOne() {
        let full = Histogram(of: [-0.5, 0.5, 0.5, 7]), compact = full.compact
        #expect(full.counts.count > 500 && compact.counts == [0, 1, 0, 2, 0, 1])
        #expect(compact.rebinned(16).counts == full.rebinned(16).counts)
        #expect(compact.quantile(0.5) == full.quantile(0.5))
    }

    @Test func noValuesAreAnEmptyHistogram() {
        let histogram = Histogram(of: [.nan])
        #expect(histogram.count == 0 && histogram.limits.isEmpty)
        #expect(histogram.rebinned(3).counts == [0, 0, 0])
        #expect(histogram.quantile(0.5).isNaN)
    }

    /// TensorFlow's own outermost limits are ±1.8e308, and nothing in a file keeps the others in order.
    static let strange: [Histogram] = [
        Histogram(
            min: -1, max: 1, count: 2, sum: 0, sumOfSquares: 0,
            limits: [-.greatestFiniteMagnitude, 0, .greatestFiniteMagnitude], counts: [0, 1, 1]),
        Histogram(min: .nan, max: .nan, count: 2, sum: 0, sumOfSquares: 0, limits: [.nan, 1, -1], counts: [1, 1, 1]),
        Histogram(min: 5, max: -5, count: 2, sum: 0, sumOfSquares: 0, limits: [9, 1, -1], counts: [1, .nan, -1]),
        Histogram(min: -.infinity, max: .infinity, count: 2, sum: 0, sumOfSquares: 0, limits: [1], counts: [.infinity]),
        Histogram(
            min: -1.7e308, max: 1.7e308, count: 2, sum: 0, sumOfSquares: 0, limits: [0, 1.7e308], counts: [1, 1]),
    ]

    @Test(arguments: strange)
    func strangeHistogramsAreDrawnBetweenFiniteEdges(_ histogram: Histogram) {
        let (edges, counts) = histogram.rebinned(10)
        #expect(edges.allSatisfy(\.isFinite) && edges == edges.sorted() && edges[0] < edges[10])
        #expect(counts.count == 10)
        _ = histogram.quantile(0.5)
    }
}

@Suite struct MatrixSeriesTests {
    @Test func theNewestRecordsAreHeldAndAllAreCounted() {
        var series = MatrixSeries()
        for step in 1...Int64(40) { series.append(step: step, wallTime: 0, rows: [[Float(step)]]) }
        #expect(series.count == 40 && series.entries.count == MatrixSeries.limit)
        #expect(series.last?.rows == [[40]] && series.newest(at: 30)?.step == 30 && series.newest(at: 1) == nil)
        series.append(step: 35, wallTime: 0, rows: [[0]])
        #expect(series.entries.map(\.step) == Array(25...34) + [35] && series.count == 35)
    }

    @Test func onlyWhatRanksWriteIsHeld() throws {
        let folder = try ScratchDirectory()
        let writer = try EventWriter(directory: folder.path, startedAt: 1)
        writer.matrix("batchnorm/a/ranks_batch_var", step: 1, rows: [[1, 2], [3, 4], [5, 6]], wallTime: 1)
        writer.matrix("embedding", step: 1, rows: [[1, 2], [3, 4]], wallTime: 1)
        try writer.flush()
        let follower = LogFollower(directory: folder.path)
        _ = try follower.poll()
        let log = follower.snapshot
        #expect(log.matrices.tags == ["batchnorm/a/ranks_batch_var"])
        #expect(log.matrices["batchnorm/a/ranks_batch_var"]?.last?.rows == [[1, 2], [3, 4], [5, 6]])
        #expect(log.others["embedding"]?.count == 1 && log.tensors.isEmpty && log.points == 2)
    }
}
