import Foundation
import Network
import Tensors
import Testing

/// Layers, optimizers and losses against real PyTorch in float64: the networks of Fixtures/layers.txt, trained for some
/// steps. Relative errors are norm-wise, ‖a−b‖/‖b‖ over a whole tensor; 1e-5 for direct sums, 1e-4 for fast convolutions.
@Suite struct LayerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let shape: [Int]
        let batch: Int
        let steps: Int
        let optimizer: String
        let options: [String]
        let layers: [String]
        let method: ConvolutionMethod
        var testDescription: String { "\(name), \(method)" }

        init?(_ line: String, _ method: ConvolutionMethod) {
            let parts = line.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            guard parts.count == 7, let batch = Int(parts[2]), let steps = Int(parts[3]) else { return nil }
            name = parts[0]
            shape = parts[1].split(separator: ",").compactMap { Int($0) }
            self.batch = batch
            self.steps = steps
            optimizer = parts[4]
            options = parts[5].split(separator: " ").map(String.init)
            layers = parts[6].split(separator: ";").map(String.init)
            self.method = method
            if method == .fast && !options.contains("fast") { return nil }
        }

        func option(_ name: String) -> Double? {
            options.first { $0.hasPrefix(name + "=") }.flatMap { Double($0.dropFirst(name.count + 1)) }
        }

        var tolerance: Double { method == .fast ? 1e-4 : 1e-5 }
    }

    static let cases: [Case] = {
        guard let file = Bundle.module.url(forResource: "Fixtures/layers", withExtension: "txt"),
            let text = try? String(contentsOf: file, encoding: .utf8)
        else { return [] }
        return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.flatMap { line in
            [ConvolutionMethod.direct, .fast].compactMap { Case(String(line), $0) }
        }
    }()

    @Test func theListOfCasesIsThere() { #expect(Self.cases.count >= 26) }

    @Test(arguments: cases)
    func trainingGivesPyTorchsNumbers(_ example: Case) throws {
        let golden = try Fixture("layers")
        let network = try network(example)
        let batch = network.makeBatch()
        var result: StepResult?
        for step in 0..<example.steps {
            fill(batch, example, salt: 1000 + step, labels: 2000 + step)
            result = network.train(on: batch, learningRate: network.optimizer.learningRate)
        }
        let loss = try #require(result).loss
        #expect(relativeError([Float(loss)], try golden("\(example.name).loss")) < example.tolerance)
        try compare("logits", logits(network, example), golden, example)
        try compareGradients(network, golden, example)
        for entry in network.stateDictionary() {
            try compare("state." + entry.name, entry.tensor.floats, golden, example)
        }
        fill(batch, example, salt: 1500, labels: 2000)
        _ = network.evaluate(batch, statistics: .running)
        try compare("evaluation", logits(network, example), golden, example)
    }

    private func network(_ example: Case) throws -> Network {
        let children = try example.layers.enumerated().map {
            Architecture.Child("\($0.offset)", try Layer(parsing: $0.element))
        }
        let network = try Network(
            Architecture(children), input: image(example),
            shape: FeatureShape(example.shape[0], Array(example.shape.dropFirst())), batchCapacity: example.batch,
            optimizer: OptimizerDefinition(parsing: example.optimizer), threads: 2, seed: 1,
            labelSmoothing: example.option("smoothing") ?? 0, gradientClip: example.option("clip"),
            convolution: example.method)
        var salt = 100
        try network.load(
            network.stateDictionary().map { entry in
                guard network.parameterNames.contains(entry.name) else { return entry }
                defer { salt += 1 }
                let shift: Float = entry.tensor.shape.count > 1 ? 0 : 0.5
                let values = Formula.values(entry.tensor.count, salt: salt, scale: 0x1p-2).map { $0 + shift }
                return NamedTensor(entry.name, DenseTensor(shape: entry.tensor.shape, values))
            })
        return network
    }

    private func image(_ example: Case) -> ImageShape {
        let sizes = example.shape
        return ImageShape(
            channels: sizes[0], height: sizes.dropFirst().dropLast().reduce(1, *), width: sizes[sizes.count - 1])
    }

    private func fill(_ batch: Batch, _ example: Case, salt: Int, labels: Int) {
        Formula.fill(batch, count: example.batch, imageSalt: salt, labelSalt: labels)
    }

    private func logits(_ network: Network, _ example: Case) -> [Float] { (0..<example.batch).flatMap(network.logits) }

    private func kept(_ values: [Float]) -> [Float] { values.count <= 300 ? values : sample(values) }

    private func compare(_ name: String, _ values: [Float], _ golden: Fixture, _ example: Case) throws {
        let error = relativeError(kept(values), try golden("\(example.name).\(name)"))
        #expect(error < example.tolerance, "\(name) differs by \(error)")
    }

    /// A gradient that is zero but for rounding, such as that of a bias that a normalization subtracts again, is measured
    /// against the largest one.
    private func compareGradients(_ network: Network, _ golden: Fixture, _ example: Case) throws {
        let expected = try network.gradients().map { try golden("\(example.name).gradient.\($0.name)") }
        let largest = expected.map(norm).max() ?? 0
        for (entry, expected) in zip(network.gradients(), expected) {
            let scale = norm(expected) < 1e-6 * largest ? largest : norm(expected)
            let error = distance(kept(entry.tensor.floats), expected) / scale
            #expect(error < example.tolerance, "the gradient of \(entry.name) differs by \(error)")
        }
    }
}
