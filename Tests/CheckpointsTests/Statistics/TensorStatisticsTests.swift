import Glibc
import Tensors
import Testing

@testable import Checkpoints

@Suite struct TensorStatisticsTests {
    /// Enough bytes for several threads; each tensor's numbers lie around a mean of its own, some far from zero.
    @Test func severalThreadsFindWhatOneFinds() throws {
        let folder = try TemporaryFolder()
        let tensors = (0..<9).map { number in
            let values = (0..<500_000).map { Float(number * number * 1000) + Float($0 * 7919 % 1000) / 1000 }
            return NamedTensor("t\(number)", DenseTensor(shape: [500_000], values))
        }
        try CheckpointWriter.write(StateDictionary.value(tensors), to: folder.path + "/a.pth")
        let file = try CheckpointFile(readingFrom: folder.path + "/a.pth")
        let together = try file.statistics(file.tensors)
        #expect(try together == file.tensors.map { try file.statistics($0) })
        for (number, found) in together.enumerated() {
            let expected = naive(tensors[number].tensor.floats.map(Double.init))
            #expect(
                isClose(found.mean, expected.mean, 1) && isClose(found.standardDeviation, expected.standardDeviation, 1)
            )
        }
    }

    /// Large tensors are read through a mapping, under which a file can shrink while it is gone through.
    @Test(arguments: [0, 3 << 20])
    func aFileThatIsShortenedMeanwhileIsAnError(_ room: Int) throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/a.pth"
        let values = [Float](repeating: 1, count: 4 << 20)
        try CheckpointWriter.write(
            StateDictionary.value([NamedTensor("large", DenseTensor(shape: [values.count], values))]), to: path)
        let file = try CheckpointFile(readingFrom: path)
        let error = #expect(throws: CheckpointError.self) {
            try file.statistics(file.entry(named: "large")) {
                truncate(path, room)
                return false
            }
        }
        #expect(try #require(error).description.contains("the file became shorter while it was read"))
    }

    @Test func aFewOfManyTensorsFailTogether() throws {
        let file = try CheckpointFile(readingFrom: Fixture("torch-2.15/state_dict.pth").path)
        #expect(throws: CheckpointError.cancelled(path: file.path)) {
            try file.statistics(file.tensors, isCancelled: { true })
        }
    }

    @Test(arguments: Fixture.described)
    func statisticsAreThoseOfPyTorchsValues(_ name: String) throws {
        let file = try CheckpointFile(readingFrom: Fixture(name).path)
        for tensor in try Fixture(name).description().tensors where !tensor.dtype.hasPrefix("complex") {
            let found = try file.statistics(file.entry(named: tensor.name))
            let expected = naive(tensor.values.map(\.double))
            #expect(found.count == expected.count)
            #expect(found.nonFinite == expected.nonFinite)
            #expect(found.minimum == expected.minimum)
            #expect(found.maximum == expected.maximum)
            let scale = max(abs(expected.minimum ?? 0), abs(expected.maximum ?? 0))
            #expect(isClose(found.mean, expected.mean, scale), "\(tensor.name)")
            #expect(isClose(found.standardDeviation, expected.standardDeviation, scale), "\(tensor.name)")
        }
    }

    @Test func complexNumbersHaveOnlyTheirNonFinitePartsCounted() throws {
        let file = try CheckpointFile(readingFrom: Fixture("torch-2.15/dtypes.pth").path)
        let statistics = try file.statistics(file.entry(named: "complex64"))
        #expect(statistics == TensorStatistics(count: 3, nonFinite: 2))
    }

    @Test func aSmallSpreadAroundALargeMeanIsNotLost() throws {
        let values = (0..<100_000).map { Float(16_000_000 + $0 % 5) }
        let statistics = try self.statistics(values)
        #expect(isClose(statistics.mean, 16_000_002))
        #expect(isClose(statistics.standardDeviation, (2.0 * 100_000 / 99_999).squareRoot()))
    }

    @Test func oneSpikeAndOneNaNAmongAMillionAreSeen() throws {
        var values = [Float](repeating: 0.5, count: 1_000_003)
        values[777_777] = -12345
        values[999_999] = .nan
        let statistics = try self.statistics(values)
        #expect(statistics.minimum == -12345)
        #expect(statistics.maximum == 0.5)
        #expect(statistics.nonFinite == 1)
    }

    @Test func aHistogramCountsEveryValueOnce() throws {
        let folder = try TemporaryFolder()
        try CheckpointWriter.write(
            ["x": .dense(DenseTensor(shape: [7], [0, 0.1, 0.5, 1, 1.5, -1, .nan]))], to: folder.path + "/a")
        let file = try CheckpointFile(readingFrom: folder.path + "/a")
        #expect(try file.histogram(file.entry(named: "x"), over: 0...1, bins: 4) == [2, 0, 1, 1])
        #expect(try file.histogram(file.entry(named: "x"), over: 1...1, bins: 3) == [1, 0, 0])
    }

    @Test func readingCanBeCancelled() throws {
        let folder = try TemporaryFolder()
        try CheckpointWriter.write(
            ["x": .dense(DenseTensor(shape: [200_000], [Float](repeating: 1, count: 200_000)))], to: folder.path + "/a")
        let file = try CheckpointFile(readingFrom: folder.path + "/a")
        var questions = 0
        #expect(throws: CheckpointError.cancelled(path: file.path)) {
            try file.statistics(file.entry(named: "x")) {
                questions += 1
                return questions == 3
            }
        }
        #expect(questions == 3)
    }

    private func statistics(_ values: [Float]) throws -> TensorStatistics {
        let folder = try TemporaryFolder()
        try CheckpointWriter.write(["x": .dense(DenseTensor(shape: [values.count], values))], to: folder.path + "/a")
        let file = try CheckpointFile(readingFrom: folder.path + "/a")
        return try file.statistics(file.entry(named: "x"))
    }

    private func naive(_ values: [Double]) -> TensorStatistics {
        let finite = values.filter(\.isFinite)
        var statistics = TensorStatistics(count: values.count, nonFinite: values.count - finite.count)
        guard !finite.isEmpty else { return statistics }
        let mean = finite.reduce(0) { $0 + $1 / Double(finite.count) }
        statistics.minimum = finite.min()
        statistics.maximum = finite.max()
        statistics.mean = mean
        if finite.count > 1 {
            let squares = finite.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            statistics.standardDeviation = (squares / Double(finite.count - 1)).squareRoot()
        }
        return statistics
    }

    /// - Parameter scale: the largest of the numbers, whose rounding the result inherits.
    private func isClose(_ one: Double?, _ other: Double?, _ scale: Double = 1) -> Bool {
        guard let one, let other else { return one == nil && other == nil }
        return abs(one - other) <= 1e-12 * max(scale, abs(one), abs(other))
    }
}
