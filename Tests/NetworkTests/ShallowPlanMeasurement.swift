import Foundation
import Tensors
import Testing
import Threads

@testable import Network

/// The time that the shallow plan saves on the example network, both plans in turn:
///
///     NORMSCOPE_MEASURE=1 swift test --disable-xctest --filter ShallowPlanMeasurement
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["NORMSCOPE_MEASURE"] != nil))
struct ShallowPlanMeasurement {
    @Test(arguments: [1, 2])
    func plansInTurn(threads: Int) throws {
        let networks = try [false, true].map { try Self.network(shallow: $0, threads: threads) }
        let batch = networks[0].makeBatch()
        Formula.fill(batch, count: 64, imageSalt: 1, labelSalt: 2, classes: 10)
        var train: [[Duration]] = [[], []], evaluate: [[Duration]] = [[], []]
        let clock = ContinuousClock()
        for _ in 0..<40 {
            for (index, network) in networks.enumerated() {
                for _ in 0..<25 {
                    train[index].append(clock.measure { _ = network.train(on: batch, learningRate: 0.01) })
                }
                for _ in 0..<25 {
                    evaluate[index].append(clock.measure { _ = network.evaluate(batch, statistics: .running) })
                }
            }
        }
        for (what, times) in [("a training step", train), ("an evaluated batch", evaluate)] {
            let (general, shallow) = (Self.least(times[0]), Self.least(times[1]))
            print("threads \(threads), \(what): general \(general) ms, shallow \(shallow) ms, ×\(general / shallow)")
        }
    }

    private static func network(shallow: Bool, threads: Int) throws -> Network {
        let architecture = try Benchmark.architecture("example")
        let request = PlanRequest(
            graph: try ComputationGraph(architecture, input: FeatureShape(3, [32, 32])),
            image: ImageShape(channels: 3, height: 32, width: 32), capacity: 64, labelSmoothing: 0, convolution: .fast,
            team: ThreadTeam(threads: threads))
        return Network(
            architecture, request, shallow ? ShallowPlan(request) : GeneralPlan(request),
            try OptimizerDefinition(parsing: "SGD(lr=0.01, momentum=0.9, weight_decay=5e-4)"), seed: 0)
    }

    /// The least time, in milliseconds: what else runs on the machine only adds to it.
    private static func least(_ times: [Duration]) -> Double { (times.min() ?? .zero) / .milliseconds(1) }
}
