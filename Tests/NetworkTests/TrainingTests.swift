import Glibc
import Network
import Kernels
import Tensors
import Testing

/// What a training step promises apart from its numbers.
@Suite struct TrainingTests {
    static func network(
        _ children: [Architecture.Child], channels: Int = 3, size: Int = 8, batch: Int = 8, threads: Int = 2,
        optimizer: String = "SGD(lr=0.05, momentum=0.9, weight_decay=5e-4)"
    ) throws -> Network {
        try Network(
            Architecture(children), input: ImageShape(channels: channels, height: size, width: size),
            batchCapacity: batch, optimizer: OptimizerDefinition(parsing: optimizer), threads: threads, seed: 7)
    }

    static func layers(_ texts: String...) throws -> [Architecture.Child] {
        try texts.enumerated().map { Architecture.Child("\($0.offset)", try Layer(parsing: $0.element)) }
    }

    static func bits(_ network: Network) -> [UInt32] {
        (network.stateDictionary() + network.gradients() + network.optimizerState()).flatMap {
            $0.tensor.floats.map(\.bitPattern)
        }
    }

    static func run(_ network: Network, steps: Int, batch: Batch, count: Int) -> [StepResult] {
        (0..<steps).map { step in
            Formula.fill(batch, count: count, imageSalt: 10 + step, labelSalt: 50 + step)
            return network.train(on: batch, learningRate: 0.05)
        }
    }

    @Test(arguments: [5, 16, 37, 64])
    func theNumberOfThreadsChangesNoBit(_ count: Int) throws {
        let results = try [1, 2, 4].map { threads in
            let network = try Network.example(batch: 64, threads: threads)
            let losses = Self.run(network, steps: 3, batch: network.makeBatch(), count: count).map(\.loss.bitPattern)
            return (losses, Self.bits(network))
        }
        #expect(results[0].0 == results[1].0 && results[0].0 == results[2].0)
        #expect(results[0].1 == results[1].1)
        #expect(results[0].1 == results[2].1)
    }

    /// Networks of every kind of operation, fast convolutions and residual sums among them.
    @Test(arguments: Benchmark.models)
    func theNumberOfThreadsChangesNoBitOfDeepNetworks(_ model: String) throws {
        let results = try [1, 2, 4].map { threads in
            let network = try Network(
                Benchmark.architecture(model), input: ImageShape(channels: 3, height: 32, width: 32),
                batchCapacity: 19, optimizer: OptimizerDefinition(parsing: "SGD(lr=0.05, momentum=0.9)"),
                threads: threads, seed: 3)
            let losses = Self.run(network, steps: 2, batch: network.makeBatch(), count: 19).map(\.loss.bitPattern)
            return losses.map(UInt32.init(truncatingIfNeeded:)) + Self.bits(network)
        }
        #expect(results[0] == results[1])
        #expect(results[0] == results[2])
    }

    @Test func dropoutDrawsItsMaskFromTheStepAndRestsInEvaluation() throws {
        let layers = try Self.layers("Flatten()", "Dropout(0.25)", "Linear(3*8*8, 10)")
        let network = try Self.network(layers), other = try Self.network(layers, threads: 1)
        let batch = network.makeBatch()
        Formula.fill(batch, count: 8, imageSalt: 1, labelSalt: 2)
        let plain = network.evaluate(batch, statistics: .running).lossSum / 8
        let first = network.train(on: batch, learningRate: 0).loss
        let second = network.train(on: batch, learningRate: 0).loss
        #expect(first != plain && first != second)
        other.stepsTaken = 1
        #expect(other.train(on: batch, learningRate: 0).loss == second)
        #expect(network.evaluate(batch, statistics: .running).lossSum / 8 == plain)
    }

    @Test func dropoutKeepsTheShareItShould() {
        let layout = BlockedLayout(channels: 16, extent: Extent(1, 64, 64))
        let ones = AlignedBuffer<Float>(count: layout.imageStride),
            kept = AlignedBuffer<Float>(count: layout.imageStride)
        for index in 0..<ones.count { ones[index] = 1 }
        DropoutKernel(probability: 0.25).run(ones.base, layout, into: kept.base, layout, key: 12345)
        let share = Double(kept.elements.filter { $0 != 0 }.count) / Double(ones.count)
        #expect(abs(share - 0.75) < 0.01)
        #expect(kept.elements.allSatisfy { $0 == 0 || $0 == Float(1 / 0.75) })
    }

    @Test func theSameSeedGivesTheSameWeightsAndAnotherSeedOthers() throws {
        let networks = try [1, 1, 2].map { seed in
            try Network(
                .example(size: 8), input: ImageShape(channels: 3, height: 8, width: 8), batchCapacity: 2,
                optimizer: OptimizerDefinition(parsing: "SGD()"), threads: 1, seed: UInt64(seed))
        }
        #expect(networks[0].stateDictionary() == networks[1].stateDictionary())
        #expect(networks[0].stateDictionary() != networks[2].stateDictionary())
    }

    @Test func initialWeightsFillPyTorchsBounds() throws {
        let network = try Network.example(batch: 1)
        for (name, fanIn) in [
            ("layer1.0.weight", 27.0), ("layer1.0.bias", 27), ("fc.weight", 16384), ("fc.bias", 16384),
        ] {
            let values = try network.tensor(name).floats, bound = Float(1 / fanIn.squareRoot())
            #expect(values.allSatisfy { abs($0) <= bound })
            #expect((values.map(abs).max() ?? 0) > 0.7 * bound)
        }
        #expect(try network.tensor("layer1.1.weight").floats == Array(repeating: 1, count: 16))
        #expect(try network.tensor("layer1.1.running_var").floats == Array(repeating: 1, count: 16))
    }

    @Test func aBatchThatIsNotFiniteChangesNothing() throws {
        let network = try Network.example(size: 8, batch: 8)
        let batch = network.makeBatch()
        _ = Self.run(network, steps: 2, batch: batch, count: 8)
        let state = network.stateDictionary(), momentum = network.optimizerState()
        for value in [Float.nan, .infinity, -.infinity] {
            Formula.fill(batch, count: 8, imageSalt: 1, labelSalt: 2)
            batch[0, 100] = value
            let result = network.train(on: batch, learningRate: 0.05)
            #expect(result.nonFinite?.layer == "layer1.1")
            #expect(result.nonFinite?.channel == 0)
        }
        #expect(network.stateDictionary() == state)
        #expect(network.optimizerState() == momentum)
        Formula.fill(batch, count: 8, imageSalt: 1, labelSalt: 2)
        #expect(network.train(on: batch, learningRate: 0.05).nonFinite == nil)
    }

    @Test func withoutNormalizationTheLossSaysThatItIsNotFinite() throws {
        let network = try Self.network(try Self.layers("Flatten()", "Linear(3*8*8, 10)"))
        let batch = network.makeBatch()
        Formula.fill(batch, count: 8, imageSalt: 1, labelSalt: 2)
        batch[0, 3] = .nan
        let result = network.train(on: batch, learningRate: 0.1)
        #expect(result.nonFinite == NonFinite(layer: "loss", quantity: .loss, channel: nil))
    }

    @Test func oneValueAChannelHasNoVarianceInTraining() throws {
        let network = try Self.network(
            try Self.layers("Flatten()", "Linear(3*8*8, 10)", "BatchNorm1d(10)", "ReLU()", "Linear(10, 10)"))
        let batch = network.makeBatch()
        Formula.fill(batch, count: 1, imageSalt: 1, labelSalt: 2)
        #expect(network.train(on: batch, learningRate: 0.1).nonFinite?.quantity == .batchVariance)
        #expect(network.evaluate(batch, statistics: .running).lossSum.isFinite)
    }

    @Test func aStateGoesThroughAnotherNetworkUnchanged() throws {
        let first = try Network.example(size: 8, batch: 8), second = try Network.example(size: 8, batch: 8, threads: 1)
        let batch = first.makeBatch()
        _ = Self.run(first, steps: 3, batch: batch, count: 8)
        try second.load(first.stateDictionary())
        try second.loadOptimizerState(first.optimizerState())
        let next = [first, second].map { Self.run($0, steps: 2, batch: batch, count: 8).map(\.loss) }
        #expect(next[0] == next[1])
        #expect(Self.bits(first) == Self.bits(second))
        #expect(
            first.stateDictionary().map(\.name) == [
                "layer1.0.weight", "layer1.0.bias", "layer1.1.weight", "layer1.1.bias", "layer1.1.running_mean",
                "layer1.1.running_var", "layer1.1.num_batches_tracked", "fc.weight", "fc.bias",
            ])
    }

    @Test func aStateThatDoesNotFitIsNamed() throws {
        let network = try Network.example(size: 8, batch: 1)
        var state = network.stateDictionary()
        state[0] = NamedTensor("layer1.0.weight", DenseTensor(shape: [1], [0]))
        state[8] = NamedTensor("head.bias", state[8].tensor)
        let error = #expect(throws: NetworkError.self) { try network.load(state) }
        #expect(
            error?.description == "the state does not fit the network: missing: fc.bias; unexpected: head.bias; "
                + "layer1.0.weight has the shape [1], but the network's is [16, 3, 3, 3]")
    }

    @Test func evaluationWithBatchStatisticsIsTheForwardPassOfTraining() throws {
        let network = try Network.example(size: 8, batch: 8)
        let batch = network.makeBatch()
        _ = Self.run(network, steps: 1, batch: batch, count: 8)
        let before = network.stateDictionary()
        Formula.fill(batch, count: 8, imageSalt: 99, labelSalt: 98)
        let evaluated = network.evaluate(batch, statistics: .batch)
        #expect(network.stateDictionary() == before)
        #expect(network.evaluate(batch, statistics: .running).lossSum != evaluated.lossSum)
        #expect(network.train(on: batch, learningRate: 0).loss == evaluated.lossSum / 8)
    }

    /// What convolutions and normalizations give together is kept from one evaluation to the next.
    @Test(arguments: Benchmark.models)
    func evaluationsFollowEveryChangeOfTheWeights(_ model: String) throws {
        func untrained() throws -> Network {
            try Network(
                Benchmark.architecture(model), input: ImageShape(channels: 3, height: 32, width: 32), batchCapacity: 9,
                optimizer: OptimizerDefinition(parsing: "SGD(lr=0.05)"), threads: 2, seed: 3)
        }
        let network = try untrained(), other = try untrained(), batch = network.makeBatch()
        Formula.fill(batch, count: 9, imageSalt: 1, labelSalt: 2)
        func loss() -> Double { network.evaluate(batch, statistics: .running).lossSum }
        let start = network.stateDictionary(), before = loss()
        #expect(loss() == before)
        _ = network.evaluate(batch, statistics: .batch)
        #expect(loss() == before)
        _ = network.train(on: batch, learningRate: 0.05)
        try other.load(network.stateDictionary())
        #expect(loss() == other.evaluate(batch, statistics: .running).lossSum)
        #expect(loss() != before)
        try network.load(start)
        #expect(loss() == before)
    }

    /// The first normalization has no convolution to be folded into, and hands its images on a group at a time.
    @Test func imagesAreEvaluatedTogetherAsEachAlone() throws {
        let network = try Self.network(
            try Self.layers(
                "BatchNorm2d(3)", "ReLU()", "Conv2d(3, 16, 3, padding=1)", "BatchNorm2d(16)", "ReLU()", "Flatten()",
                "Linear(16*8*8, 10)"))
        let batch = network.makeBatch(), single = network.makeBatch()
        Formula.fill(batch, count: 8, imageSalt: 1, labelSalt: 2)
        _ = network.evaluate(batch, statistics: .running)
        let together = (0..<8).map(network.logits)
        single.count = 1
        for image in 0..<8 {
            for index in 0..<batch.layout.imageSize { single[0, index] = batch[image, index] }
            _ = network.evaluate(single, statistics: .running)
            #expect(relativeError(network.logits(0), together[image]) < 1e-5)
        }
    }

    @Test func aNormalizationLayerShowsTheBatchAndTheRunningStatistics() throws {
        let network = try Network.example(size: 8, batch: 8)
        let batch = network.makeBatch()
        _ = Self.run(network, steps: 1, batch: batch, count: 8)
        #expect(network.normalizationLayers == ["layer1.1"])
        let state = try #require(network.normalization(of: "layer1.1"))
        #expect(state.numBatchesTracked == 1)
        for channel in 0..<16 {
            #expect(abs(state.runningMean[channel] - 0.1 * state.batchMean[channel]) < 1e-6)
            let unbiased = state.batchVariance[channel] * 512 / 511
            #expect(abs(state.runningVariance[channel] - (0.9 + 0.1 * unbiased)) < 1e-6)
        }
        #expect(state.weight?.count == 16)
        #expect(network.normalization(of: "layer1.7") == nil)
    }

    /// In a process of its own, where nothing else allocates.
    @Test func stepsTakeNoMemoryOnceTheFirstIsDone() async {
        await #expect(processExitsWith: .success) {
            let network = try Network.example(batch: 64)
            let batch = network.makeBatch()
            Formula.fill(batch, count: 64, imageSalt: 1, labelSalt: 2)
            func step() {
                _ = network.train(on: batch, learningRate: 0.05)
                _ = network.evaluate(batch, statistics: .running)
            }
            step()
            let counter = try AllocationCounter()
            for _ in 0..<10 { step() }
            let taken = counter.count
            _ = AlignedBuffer<Float>(count: 1)
            exit(taken == 0 && counter.count > 0 ? EXIT_SUCCESS : EXIT_FAILURE)
        }
    }
}

/// Counts what the Swift runtime allocates (objects, arrays, closure contexts), through the entry point that the runtime
/// keeps open for this purpose.
private struct AllocationCounter {
    private typealias Allocate = @convention(c) (UnsafeRawPointer?, Int, Int) -> UnsafeMutableRawPointer?
    struct NoEntryPoint: Error {}

    init() throws {
        guard let entry = dlsym(nil, "_swift_allocObject") else { throw NoEntryPoint() }
        let slot = entry.assumingMemoryBound(to: Allocate.self)
        Self.original = unsafeBitCast(slot.pointee, to: Int.self)
        slot.pointee = { metadata, size, alignment in
            AllocationCounter.total += 1
            return unsafeBitCast(AllocationCounter.original, to: Allocate.self)(metadata, size, alignment)
        }
    }

    nonisolated(unsafe) private static var original = 0
    nonisolated(unsafe) private static var total = 0

    var count: Int { Self.total }
}
