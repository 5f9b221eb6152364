import Network
import Tensors
import Testing

/// The example network against real PyTorch (fixtures and script in Fixtures): relative errors are norm-wise, ‖a−b‖/‖b‖
/// over a whole tensor.
@Suite struct ExampleNetworkTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let size: Int
        let batch: Int
        let isSampled: Bool
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "example8", size: 8, batch: 4, isSampled: false),
        Case(name: "example32", size: 32, batch: 64, isSampled: true),
    ]

    @Test(arguments: cases)
    func fiveStepsGivePyTorchsNumbers(_ example: Case) throws {
        let network = try prepared(example)
        let batch = network.makeBatch()
        for step in 0..<5 {
            Formula.fill(batch, count: example.batch, imageSalt: 1000 + step, labelSalt: 2000 + step)
            let result = network.train(on: batch, learningRate: 0.05)
            let golden = try Fixture("\(example.name)-step\(step + 1)")
            #expect(relativeError([Float(result.loss)], try golden("loss")) < 1e-5)
            try compare("logits", logits(network, example.batch), golden, example)
            try compareGradients(network, golden, example)
            for entry in network.stateDictionary() {
                try compare("state." + entry.name, entry.tensor.floats, golden, example)
            }
        }
        Formula.fill(batch, count: example.batch, imageSalt: 1005, labelSalt: 2005)
        _ = network.evaluate(batch, statistics: .running)
        try compare("logits", logits(network, example.batch), Fixture("\(example.name)-evaluation"), example)
    }

    private func prepared(_ example: Case) throws -> Network {
        let network = try Network.example(size: example.size, batch: example.batch)
        let state = network.stateDictionary()
        var salt = 100
        let initial = state.map { entry -> NamedTensor in
            guard network.parameterNames.contains(entry.name) else { return entry }
            defer { salt += 1 }
            let count = entry.tensor.count
            if entry.tensor.shape.count > 1 || salt == 101 || salt == 105 {
                let values = Formula.values(count, salt: salt, scale: count < 2000 ? 0x1p-3 : 0x1p-7)
                return NamedTensor(entry.name, DenseTensor(shape: entry.tensor.shape, values))
            }
            let values = Formula.values(count, salt: salt, scale: 0x1p-2).map { $0 + (salt == 102 ? 1 : 0) }
            return NamedTensor(entry.name, DenseTensor(shape: entry.tensor.shape, values))
        }
        try network.load(initial)
        return network
    }

    private func logits(_ network: Network, _ count: Int) -> [Float] { (0..<count).flatMap(network.logits) }

    private func compare(_ name: String, _ values: [Float], _ golden: Fixture, _ example: Case) throws {
        let ours = example.isSampled && values.count > 1 ? sample(values) : values
        let error = relativeError(ours, try golden(name))
        #expect(error < 1e-5, "\(name) differs by \(error)")
    }

    /// The gradient of a bias that a normalization subtracts again is zero; what both sides compute for it is rounding
    /// noise, to be measured against the gradient of the weights beside it.
    private func compareGradients(_ network: Network, _ golden: Fixture, _ example: Case) throws {
        for entry in network.gradients() {
            let name = "gradient." + entry.name
            if entry.name == "layer1.0.bias" {
                let noise = distance(
                    example.isSampled ? sample(entry.tensor.floats) : entry.tensor.floats, try golden(name))
                #expect(noise < 1e-5 * norm(try golden("gradient.layer1.0.weight")), "\(name) is \(noise)")
            } else {
                try compare(name, entry.tensor.floats, golden, example)
            }
        }
    }
}
