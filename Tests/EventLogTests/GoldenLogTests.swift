import Foundation
import Testing

@testable import EventLog

/// What TensorBoard's EventAccumulator found in a fixture: see make_fixtures.py.
private struct Expected: Decodable {
    struct Tensor: Decodable {
        let step: Int64
        let time: Double
        let values: [Number]
    }

    struct Buckets: Decodable {
        let step: Int64
        let time: Double
        let moments: [Number]?
        let limits: [Number]?
        let counts: [Number]?
        /// TensorFlow 2's form: left, right, count.
        let buckets: [[Double]]?
    }

    enum Cell: Decodable {
        case number(Double)
        case text(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .text(text)
            } else {
                self = .number(try container.decode(Double.self))
            }
        }
    }

    /// A number, or "nan", "inf", "-inf", which JSON has no numbers for.
    struct Number: Decodable {
        let value: Double

        init(from decoder: any Decoder) throws {
            switch try Cell(from: decoder) {
            case .number(let value): self.value = value
            case .text(let text): value = Double(text) ?? 0
            }
        }
    }

    let scalars: [String: [[Number]]]
    let tensors: [String: [Tensor]]
    let histograms: [String: [Buckets]]
    let texts: [String: [[Cell]]]
    let others: [String: Int]
    let hyperparameters: [String: Cell]

    init(_ log: String) throws {
        let file = try fixturesDirectory().appendingPathComponent(log + ".json")
        self = try JSONDecoder().decode(Expected.self, from: Data(contentsOf: file))
    }

    private enum CodingKeys: CodingKey {
        case scalars, tensors, histograms, texts, others, hyperparameters
    }
}

private let logs = ["torch", "torch-hparams", "torch-restart", "tensorboardX", "tensorflow2", "legacy", "keras"]

private func read(_ log: String) throws -> LogSnapshot {
    let follower = LogFollower(directory: try fixtureDirectory(log).path)
    let outcome = try follower.poll()
    #expect(outcome == .init(changed: true, caughtUp: true))
    #expect(follower.snapshot.problems.isEmpty)
    return follower.snapshot
}

/// Equal, or both not a number.
private func same(_ left: Float, _ right: Float) -> Bool {
    left == right || left.isNaN && right.isNaN
}

@Suite struct GoldenLogTests {
    @Test(arguments: logs)
    func scalarsAreTensorBoardsValueForValue(_ log: String) throws {
        let expected = try Expected(log).scalars
        let found = try read(log).scalars
        #expect(Set(found.tags) == Set(expected.keys))
        for (tag, series) in found {
            let wanted = try #require(expected[tag])
            #expect(series.count == wanted.count, "\(tag)")
            for (point, cells) in zip(series, wanted) {
                #expect(point.step == Int64(cells[0].value) && point.wallTime == cells[1].value, "\(tag)")
                #expect(same(point.value, Float(cells[2].value)), "\(tag) at step \(point.step)")
            }
        }
    }

    @Test(arguments: logs)
    func tensorsAreTensorBoardsValueForValue(_ log: String) throws {
        let expected = try Expected(log).tensors
        let found = try read(log).tensors
        #expect(Set(found.tags) == Set(expected.keys))
        for (tag, series) in found {
            let wanted = try #require(expected[tag])
            #expect(series.map(\.step) == wanted.map(\.step))
            #expect(series.map(\.wallTime) == wanted.map(\.time))
            for (entry, tensor) in zip(series, wanted) {
                let values = tensor.values.map { Float($0.value) }
                #expect(entry.value.count == values.count && zip(entry.value, values).allSatisfy(same), "\(tag)")
            }
        }
    }

    @Test(arguments: logs)
    func histogramsAreTensorBoardsValueForValue(_ log: String) throws {
        let expected = try Expected(log).histograms
        let found = try read(log).histograms
        #expect(Set(found.tags) == Set(expected.keys))
        for (tag, series) in found {
            let wanted = try #require(expected[tag])
            #expect(series.map(\.step) == wanted.map(\.step))
            #expect(series.map(\.wallTime) == wanted.map(\.time))
            for (entry, buckets) in zip(series, wanted) {
                check(entry.value, against: buckets)
            }
        }
    }

    private func check(_ histogram: Histogram, against wanted: Expected.Buckets) {
        if let moments = wanted.moments {
            let found = [histogram.min, histogram.max, histogram.count, histogram.sum, histogram.sumOfSquares]
            #expect(found == moments.map(\.value))
            #expect(histogram.limits == wanted.limits?.map(\.value))
            #expect(histogram.counts == wanted.counts?.map(\.value))
        }
        if let buckets = wanted.buckets {
            #expect(histogram.limits == buckets.map { $0[1] })
            #expect(histogram.counts == buckets.map { $0[2] })
            #expect(histogram.min == buckets.first?[0] && histogram.max == buckets.last?[1])
            #expect(histogram.count == buckets.reduce(0) { $0 + $1[2] })
        }
    }

    @Test(arguments: logs)
    func textsAndImagesAndHyperparametersAreTensorBoards(_ log: String) throws {
        let expected = try Expected(log)
        let found = try read(log)
        #expect(Set(found.texts.tags) == Set(expected.texts.keys))
        for (tag, series) in found.texts {
            let wanted = try #require(expected.texts[tag])
            #expect(series.map { [.number(Double($0.step)), .number($0.wallTime), .text($0.value)] } == wanted)
        }
        #expect(Dictionary(uniqueKeysWithValues: found.others.map { ($0.tag, $0.series.count) }) == expected.others)
        for hyperparameter in found.hyperparameters {
            let wanted = expected.hyperparameters[hyperparameter.name]
            switch hyperparameter.value {
            case .number(let number): #expect(wanted == .number(number))
            case .text(let text): #expect(wanted == .text(text))
            case .flag(let flag): #expect(wanted == .number(flag ? 1 : 0))
            }
        }
        #expect(found.hyperparameters.count == expected.hyperparameters.count)
    }
}

extension Expected.Cell: Equatable {}

@Suite struct DefaultBucketTests {
    private struct Case: Decodable {
        let values: [Float]
        let moments: [Double]
        let limits: [Double]
        let counts: [Double]
    }

    @Test func bucketsAreThoseOfSummaryWriter() throws {
        let file = try fixturesDirectory().appendingPathComponent("histograms.json")
        let cases = try JSONDecoder().decode([String: Case].self, from: Data(contentsOf: file))
        #expect(cases.count == 8)
        for (name, wanted) in cases {
            let made = Histogram(of: wanted.values)
            #expect(made.limits == wanted.limits, "\(name)")
            #expect(made.counts == wanted.counts, "\(name)")
            #expect([made.min, made.max, made.count] == Array(wanted.moments.prefix(3)), "\(name)")
            for (found, moment) in zip([made.sum, made.sumOfSquares], wanted.moments.suffix(2)) {
                #expect(abs(found - moment) <= 1e-12 * max(wanted.moments[4], abs(moment)), "\(name)")
            }
        }
    }
}
