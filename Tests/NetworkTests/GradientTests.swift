import Tensors
import Testing

@testable import Network

/// Gradients against finite differences of the loss, for networks of many shapes.
@Suite struct GradientTests {
    static let networks: [[String]] = [
        ["Conv2d(3, 16, 3, padding=1)", "BatchNorm2d(16)", "ReLU()", "Flatten()", "Linear(16*8*8, 10)"],
        [
            "Conv2d(3, 20, 3, bias=False)", "BatchNorm2d(20, affine=False)", "Flatten()",
            "Linear(20*6*6, 10, bias=False)",
        ],
        ["Conv2d(3, 32, 3, padding=1)", "Conv2d(32, 16, 3, padding=1)", "Flatten()", "Linear(16*8*8, 10)"],
        ["Conv2d(3, 32, 1)", "Conv2d(32, 48, 3, stride=2, padding=1)", "Flatten()", "Linear(48*4*4, 10)"],
        [
            "Conv2d(3, 16, (3, 5), padding=(1, 2))", "Conv2d(16, 8, 2, stride=(1, 2), dilation=(2, 1))", "Flatten()",
            "Linear(8*6*4, 10)",
        ],
        [
            "Conv2d(3, 8, 5, stride=3, padding=4)", "Conv2d(8, 12, 3, padding=2, dilation=2, groups=4)",
            "BatchNorm2d(12)", "Flatten()", "Linear(12*4*4, 10)",
        ],
        [
            "Conv2d(3, 16, 1, stride=2)", "Conv2d(16, 16, 1, stride=2)", "Conv2d(16, 16, 1, padding=1)", "Flatten()",
            "Linear(16*4*4, 10)",
        ],
        ["Flatten()", "Linear(3*8*8, 37)", "BatchNorm1d(37)", "ReLU()", "Linear(37, 10)"],
        [
            "Conv2d(3, 7, 3)", "Flatten(2)", "Conv1d(7, 9, 5, stride=2)", "BatchNorm1d(9)", "Flatten()",
            "BatchNorm1d(144)", "ReLU()", "Linear(144, 10)",
        ],
        ["Conv2d(3, 16, 8)", "Flatten()", "Linear(16, 10)"],
        ["Conv2d(3, 32, 4)", "ReLU()", "Flatten()", "Linear(32*5*5, 10)"],
        [
            "Conv2d(3, 16, 3, padding=1)", "Residual([BatchNorm2d(16)])", "Conv2d(16, 16, 3, padding=1)", "Flatten()",
            "Linear(16*8*8, 10)",
        ],
        [
            "Conv2d(3, 16, 3, padding=1)",
            "Residual([Conv2d(16, 16, 3, padding=1), BatchNorm2d(16), Conv2d(16, 16, 3, padding=1), BatchNorm2d(16)])",
            "Residual([Conv2d(16, 16, 3, padding=1)], shortcut=[Conv2d(16, 16, 1)])", "Flatten()",
            "Linear(16*8*8, 10)",
        ],
        [
            "Conv2d(3, 16, 3, padding=1)", "BatchNorm2d(16)",
            "Residual([Conv2d(16, 32, 3, stride=2, padding=1), BatchNorm2d(32)], shortcut=[Conv2d(16, 32, 1, stride=2)])",
            "Residual([Residual([Conv2d(32, 32, 3, padding=1)]), BatchNorm2d(32)])", "AvgPool2d(2)", "Flatten()",
            "Linear(32*2*2, 10)",
        ],
    ]

    @Test(arguments: networks)
    func theLossFallsAsTheGradientSays(_ layers: [String]) throws {
        let children = try layers.enumerated().map {
            Architecture.Child("\($0.offset)", try Architecture.Module(parsing: $0.element))
        }
        let network = try TrainingTests.network(children, batch: 6, optimizer: "SGD()")
        let batch = network.makeBatch()
        Formula.fill(batch, count: 6, imageSalt: 3, labelSalt: 4)
        _ = network.train(on: batch, learningRate: 0)
        let state = network.stateDictionary()
        for gradient in network.gradients() {
            let expected = norm(gradient.tensor.floats)
            // A bias that a normalization subtracts again has no gradient; its finite difference is noise.
            guard expected > 1e-4 else { continue }
            let step = 5e-3
            let losses = try [step, -step].map { distance in
                try network.load(state.map { moved($0, along: gradient, by: distance / expected) })
                return network.evaluate(batch, statistics: .batch).lossSum / 6
            }
            let slope = (losses[0] - losses[1]) / (2 * step)
            #expect(abs(slope - expected) < 1e-2 * expected + 1e-4, "\(gradient.name): \(slope), not \(expected)")
        }
    }

    private func moved(_ entry: NamedTensor, along gradient: NamedTensor, by distance: Double) -> NamedTensor {
        guard entry.name == gradient.name else { return entry }
        let values = zip(entry.tensor.floats, gradient.tensor.floats).map { $0 + Float(distance) * $1 }
        return NamedTensor(entry.name, DenseTensor(shape: entry.tensor.shape, values))
    }
}
