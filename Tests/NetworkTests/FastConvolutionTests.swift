import Network
import Tensors
import Testing

/// Fast convolutions in a network, for batches so small that weights are transformed where they are used, and for others.
@Suite struct FastConvolutionTests {
    private static func network(threads: Int, _ method: ConvolutionMethod) throws -> Network {
        try Network(
            Architecture(
                try TrainingTests.layers(
                    "Conv2d(3, 16, 3, padding=1)", "BatchNorm2d(16)", "Conv2d(16, 48, 3, padding=1)",
                    "Conv2d(48, 80, 3, padding=1)", "BatchNorm2d(80)", "Flatten()", "Linear(80*16*16, 10)")),
            input: ImageShape(channels: 3, height: 16, width: 16), batchCapacity: 70,
            optimizer: OptimizerDefinition(parsing: "SGD(momentum=0.9)"), threads: threads, seed: 7,
            convolution: method)
    }

    @Test(arguments: [1, 7, 8, 9, 33, 70])
    func gradientsAreThoseOfDirectSums(count: Int) throws {
        let fast = try Self.network(threads: 2, .fast), direct = try Self.network(threads: 2, .direct)
        for network in [fast, direct] {
            _ = TrainingTests.run(network, steps: 1, batch: network.makeBatch(), count: count)
        }
        let largest = direct.gradients().map { norm($0.tensor.floats) }.max() ?? 0
        for (gradient, expected) in zip(fast.gradients(), direct.gradients()) {
            let difference = zip(gradient.tensor.floats, expected.tensor.floats).map { $0 - $1 }
            // A bias that a normalization subtracts again has no gradient but noise.
            let size = max(norm(expected.tensor.floats), 1e-4 * largest)
            #expect(norm(difference) < 1e-3 * size, "\(gradient.name): off by \(norm(difference)) of \(size)")
        }
    }

    @Test(arguments: [7, 19, 70])
    func bitsDoNotDependOnThreads(count: Int) throws {
        let bits = try [1, 2, 4].map { threads in
            let network = try Self.network(threads: threads, .fast)
            _ = TrainingTests.run(network, steps: 2, batch: network.makeBatch(), count: count)
            return TrainingTests.bits(network)
        }
        #expect(bits[0] == bits[1])
        #expect(bits[0] == bits[2])
    }
}
