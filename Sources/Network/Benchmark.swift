import Syntax
import Tensors

/// How fast training and evaluation are on this machine, for networks that other programs are measured with too.
package enum Benchmark {
    /// What a measurement gave; times are medians.
    package struct Measurement: Codable, Equatable, Sendable {
        package let model: String
        package let batch: Int
        package let threads: Int
        package let parameters: Int
        package let trainMillisecondsPerStep: Double
        package let trainImagesPerSecond: Double
        package let evaluateMillisecondsPerBatch: Double
        package let evaluateImagesPerSecond: Double
    }

    package static let models = ["example", "vgg6", "resnet20"]

    /// The network of that name, for images of 3×32×32 and ten classes.
    package static func architecture(_ model: String) throws(ConstructorError) -> Architecture {
        switch model {
        case "example": return try example()
        case "vgg6": return try vgg6()
        case "resnet20": return try resnet20()
        default:
            let nearest = Spelling.nearest(to: model, among: models)
            throw .unknownName(kind: "model", name: model, nearest: nearest)
        }
    }

    /// Trains for about `seconds` and evaluates for half as long, after a warm-up, on random images.
    package static func measure(
        model: String, batch size: Int, threads: Int, seconds: Double
    ) throws -> Measurement {
        let network = try Network(
            architecture(model), input: ImageShape(channels: 3, height: 32, width: 32), batchCapacity: size,
            optimizer: OptimizerDefinition(parsing: "SGD(lr=0.01, momentum=0.9, weight_decay=5e-4)"),
            threads: threads, seed: 0)
        let batch = network.makeBatch()
        fill(batch)
        let train = median(seconds) { _ = network.train(on: batch, learningRate: 0.01) }
        let evaluate = median(seconds / 2) { _ = network.evaluate(batch, statistics: .running) }
        return Measurement(
            model: model, batch: size, threads: threads, parameters: network.parameterCount,
            trainMillisecondsPerStep: train * 1e3, trainImagesPerSecond: Double(size) / train,
            evaluateMillisecondsPerBatch: evaluate * 1e3, evaluateImagesPerSecond: Double(size) / evaluate)
    }

    /// Values of mean 0 and variance 1, evenly distributed, and random labels.
    private static func fill(_ batch: Batch) {
        var generator = WeightGenerator(seed: 0, sequence: 0)
        batch.count = batch.capacity
        for image in 0..<batch.count {
            for index in 0..<batch.layout.imageSize { batch[image, index] = generator.uniform(bound: 1.732) }
        }
        for image in 0..<batch.count { batch.labels[image] = Int32(generator.next() % 10) }
    }

    private static func median(_ seconds: Double, _ work: () -> Void) -> Double {
        let clock = ContinuousClock()
        for _ in 0..<5 { work() }
        let end = clock.now + .seconds(seconds)
        var times: [Duration] = []
        repeat { times.append(clock.measure(work)) } while clock.now < end
        return times.sorted()[times.count / 2] / .seconds(1)
    }
}

extension Benchmark {
    /// One convolution, normalization, ReLU, and a linear layer over everything.
    private static func example() throws(ConstructorError) -> Architecture {
        Architecture([
            .init("layer1", try sequential("Conv2d(3, 16, 3, padding=1)", "BatchNorm2d(16)", "ReLU()")),
            .init("flatten", try Layer(parsing: "Flatten()")), .init("fc", try Layer(parsing: "Linear(16*32*32, 10)")),
        ])
    }

    /// Six convolutions of 32, 32, 64, 64, 128, 128 channels, a pooling after every second.
    private static func vgg6() throws(ConstructorError) -> Architecture {
        var texts: [String] = [], channels = 3
        for width in [32, 64, 128] {
            for inputs in [channels, width] {
                texts += ["Conv2d(\(inputs), \(width), 3, padding=1)", "BatchNorm2d(\(width))", "ReLU()"]
            }
            texts.append("MaxPool2d(2)")
            channels = width
        }
        return try numbered(texts + ["Flatten()", "Linear(128*4*4, 10)"])
    }

    /// He and others' ResNet-20 for small images (2015): three stages of three blocks; where the shape changes, a strided
    /// 1×1 convolution with normalization is the shortcut.
    private static func resnet20() throws(ConstructorError) -> Architecture {
        var modules: [Architecture.Module] = [], channels = 16
        try append(&modules, "Conv2d(3, 16, 3, padding=1, bias=False)", "BatchNorm2d(16)", "ReLU()")
        for (width, stride) in [(16, 1), (32, 2), (64, 2)] {
            for block in 0..<3 {
                modules.append(try residual(channels, width, stride: block == 0 ? stride : 1))
                try append(&modules, "ReLU()")
                channels = width
            }
        }
        try append(&modules, "AdaptiveAvgPool2d(1)", "Flatten()", "Linear(64, 10)")
        return Architecture(modules.enumerated().map { .init("\($0.offset)", $0.element) })
    }

    private static func residual(
        _ inputs: Int, _ outputs: Int, stride: Int
    ) throws(ConstructorError) -> Architecture.Module {
        var body: [Architecture.Module] = [], shortcut: [Architecture.Module] = []
        try append(
            &body, "Conv2d(\(inputs), \(outputs), 3, \(stride), 1, bias=False)", "BatchNorm2d(\(outputs))", "ReLU()",
            "Conv2d(\(outputs), \(outputs), 3, 1, 1, bias=False)", "BatchNorm2d(\(outputs))")
        if inputs != outputs {
            try append(
                &shortcut, "Conv2d(\(inputs), \(outputs), 1, \(stride), bias=False)", "BatchNorm2d(\(outputs))")
        }
        return .residual(body: body, shortcut: shortcut)
    }

    private static func append(
        _ modules: inout [Architecture.Module], _ texts: String...
    ) throws(ConstructorError) {
        for text in texts { modules.append(.layer(try Layer(parsing: text))) }
    }

    private static func sequential(_ texts: String...) throws(ConstructorError) -> Architecture.Module {
        var modules: [Architecture.Module] = []
        for text in texts { modules.append(.layer(try Layer(parsing: text))) }
        return .sequential(modules)
    }

    private static func numbered(_ texts: [String]) throws(ConstructorError) -> Architecture {
        var children: [Architecture.Child] = []
        for (index, text) in texts.enumerated() { children.append(.init("\(index)", try Layer(parsing: text))) }
        return Architecture(children)
    }
}
