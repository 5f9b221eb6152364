import Network
import Tensors
import Testing

/// The plan of shallow networks gives what the plan for all others gives.
@Suite struct ShallowPlanTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let channels: Int
        let height: Int
        let width: Int
        let outputs: Int
        let classes: Int
        let images: Int
        var bias = true
        var normalization = ""

        var testDescription: String {
            "\(images)×\(channels)×\(height)×\(width) → \(outputs) → \(classes)\(normalization)"
        }
    }

    static let cases = [
        Case(channels: 3, height: 32, width: 32, outputs: 16, classes: 10, images: 37),
        Case(channels: 1, height: 28, width: 28, outputs: 20, classes: 3, images: 16, bias: false),
        Case(channels: 2, height: 9, width: 13, outputs: 5, classes: 17, images: 18),
        Case(channels: 4, height: 8, width: 8, outputs: 33, classes: 12, images: 2, normalization: ", affine=False"),
        Case(channels: 3, height: 11, width: 40, outputs: 8, classes: 1, images: 1, normalization: ", momentum=None"),
    ]

    /// `extra` makes a network that is no longer shallow.
    private static func network(_ shape: Case, extra: String? = nil) throws -> Network {
        var texts = [
            "Conv2d(\(shape.channels), \(shape.outputs), 3, padding=1, bias=\(shape.bias ? "True" : "False"))",
            "BatchNorm2d(\(shape.outputs)\(shape.normalization))", "ReLU()",
        ]
        if let extra { texts.append(extra) }
        texts += ["Flatten()", "Linear(\(shape.outputs * shape.height * shape.width), \(shape.classes))"]
        return try Network(
            Architecture(texts.enumerated().map { .init("\($0.offset)", try Layer(parsing: $0.element)) }),
            input: ImageShape(channels: shape.channels, height: shape.height, width: shape.width),
            batchCapacity: shape.images, optimizer: OptimizerDefinition(parsing: "SGD(lr=0.02, momentum=0.9)"),
            threads: 2, seed: 11, convolution: .direct)
    }

    @Test(arguments: cases)
    func stepsAreThoseOfTheGeneralPlan(_ shape: Case) throws {
        let shallow = try Self.network(shape), general = try Self.network(shape, extra: "Dropout(0.0)")
        let batch = shallow.makeBatch()
        for step in 0..<3 {
            Formula.fill(
                batch, count: shape.images, imageSalt: 10 + step, labelSalt: 50 + step, classes: shape.classes)
            let ours = shallow.train(on: batch, learningRate: 0.02)
            let theirs = general.train(on: batch, learningRate: 0.02)
            #expect(abs(ours.loss - theirs.loss) <= 1e-5 * abs(theirs.loss) + 1e-7)
            #expect(ours.correct == theirs.correct)
            // Later on, roundings of the first step may have moved a decision of ReLU.
            guard step == 0 else { continue }
            // The gradient of a bias before a normalization is zero but for roundings.
            for (mine, other) in zip(shallow.gradients(), general.gradients()) where mine.name != "0.bias" {
                #expect(distance(mine.tensor.floats, other.tensor.floats) < 1e-5, "\(mine.name) in step \(step)")
            }
        }
        for statistics in [EvaluationStatistics.running, .batch] {
            let ours = shallow.evaluate(batch, statistics: statistics)
            let theirs = general.evaluate(batch, statistics: statistics)
            #expect(abs(ours.lossSum - theirs.lossSum) <= 1e-4 * abs(theirs.lossSum) + 1e-6)
        }
    }

    /// ‖a − b‖ / ‖b‖.
    private func distance(_ a: [Float], _ b: [Float]) -> Double {
        var difference = 0.0, size = 0.0
        for (x, y) in zip(a, b) {
            difference += Double(x - y) * Double(x - y)
            size += Double(y) * Double(y)
        }
        return size == 0 ? difference.squareRoot() : (difference / size).squareRoot()
    }
}
