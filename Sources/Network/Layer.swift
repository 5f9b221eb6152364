import Syntax
import Tensors

/// One layer as PyTorch's constructor describes it, apart from the size of its input.
package enum Layer: Equatable, Sendable {
    /// `Conv1d(16, 32, 3)`, `Conv2d(3, 16, kernel_size=3, stride=1, padding=1)`, `Conv3d(…)`
    case convolution(ConvolutionLayer)
    /// `BatchNorm1d(64)`, `BatchNorm2d(16)`, `BatchNorm3d(16)`
    case normalization(NormalizationLayer)
    /// `Linear(16*32*32, 10)`
    case linear(inputs: Int, outputs: Int, bias: Bool)
    /// `ReLU()`
    case relu(inPlace: Bool)
    /// `LeakyReLU(0.01)`
    case leakyReLU(slope: Double, inPlace: Bool)
    /// `Dropout(p=0.5)`
    case dropout(probability: Double, inPlace: Bool)
    /// `MaxPool2d(2)`, `AvgPool2d(2)`, `AdaptiveAvgPool2d(1)`
    case pooling(PoolingLayer)
    /// `Flatten()`
    case flatten(start: Int, end: Int)

    /// Reads a constructor call; arguments positional or by keyword, in PyTorch's order.
    package init(parsing text: String) throws(ConstructorError) { try self.init(ConstructorCall(parsing: text)) }

    init(_ call: ConstructorCall) throws(ConstructorError) {
        guard let constructor = Self.constructors[call.name] else {
            let nearest = Spelling.nearest(to: call.name, among: Self.constructors.keys.sorted())
            throw .unknownName(kind: "layer", name: call.name, nearest: nearest)
        }
        self = try constructor(call)
    }

    /// Names of the layers there are.
    package static var names: [String] { constructors.keys.sorted() }

    private typealias Constructor = @Sendable (ConstructorCall) throws(ConstructorError) -> Layer

    private static let constructors: [String: Constructor] = [
        "Conv1d": { call throws(ConstructorError) in .convolution(try ConvolutionLayer(call, dimensions: 1)) },
        "Conv2d": { call throws(ConstructorError) in .convolution(try ConvolutionLayer(call, dimensions: 2)) },
        "Conv3d": { call throws(ConstructorError) in .convolution(try ConvolutionLayer(call, dimensions: 3)) },
        "BatchNorm1d": { call throws(ConstructorError) in .normalization(try NormalizationLayer(call, dimensions: 1)) },
        "BatchNorm2d": { call throws(ConstructorError) in .normalization(try NormalizationLayer(call, dimensions: 2)) },
        "BatchNorm3d": { call throws(ConstructorError) in .normalization(try NormalizationLayer(call, dimensions: 3)) },
        "Linear": { call throws(ConstructorError) in try linear(call) },
        "ReLU": { call throws(ConstructorError) in
            .relu(inPlace: try ArgumentList(call, ["inplace"]).boolean("inplace", default: false))
        },
        "LeakyReLU": { call throws(ConstructorError) in try leakyReLU(call) },
        "Dropout": { call throws(ConstructorError) in try dropout(call) },
        "MaxPool2d": { call throws(ConstructorError) in .pooling(try PoolingLayer(maximum: call)) },
        "AvgPool2d": { call throws(ConstructorError) in .pooling(try PoolingLayer(average: call)) },
        "AdaptiveAvgPool2d": { call throws(ConstructorError) in .pooling(try PoolingLayer(adaptive: call)) },
        "Flatten": { call throws(ConstructorError) in try flatten(call) },
    ]

    private static func linear(_ call: ConstructorCall) throws(ConstructorError) -> Layer {
        let arguments = try ArgumentList(call, ["in_features", "out_features", "bias"])
        return .linear(
            inputs: try arguments.integer("in_features", in: 1...ArgumentList.largestSize),
            outputs: try arguments.integer("out_features", in: 1...ArgumentList.largestSize),
            bias: try arguments.boolean("bias", default: true))
    }

    private static func leakyReLU(_ call: ConstructorCall) throws(ConstructorError) -> Layer {
        let arguments = try ArgumentList(call, ["negative_slope", "inplace"])
        return .leakyReLU(
            slope: try arguments.number("negative_slope", default: 0.01, "a number") { $0.isFinite },
            inPlace: try arguments.boolean("inplace", default: false))
    }

    private static func dropout(_ call: ConstructorCall) throws(ConstructorError) -> Layer {
        let arguments = try ArgumentList(call, ["p", "inplace"])
        return .dropout(
            probability: try arguments.number("p", default: 0.5, "a number from 0 to 1") { (0...1).contains($0) },
            inPlace: try arguments.boolean("inplace", default: false))
    }

    private static func flatten(_ call: ConstructorCall) throws(ConstructorError) -> Layer {
        let arguments = try ArgumentList(call, ["start_dim", "end_dim"])
        return .flatten(
            start: try arguments.integer("start_dim", default: 1, in: 1...4),
            end: try arguments.integer("end_dim", default: -1, in: -1...4))
    }
}

/// Conv1d, Conv2d or Conv3d. `kernel`, `stride`, `padding` and `dilation` have one number for each dimension.
package struct ConvolutionLayer: Equatable, Sendable {
    package let inputs: Int
    package let outputs: Int
    package let kernel: [Int]
    package let stride: [Int]
    package let padding: [Int]
    package let dilation: [Int]
    package let groups: Int
    package let bias: Bool

    package var dimensions: Int { kernel.count }
    package var name: String { "Conv\(dimensions)d" }

    /// The same with the missing dimensions in front: a Conv2d has depth 1.
    var geometry: ConvolutionGeometry {
        ConvolutionGeometry(
            inputChannels: inputs, outputChannels: outputs, kernel: Extent(sizes: kernel, fill: 1),
            stride: Extent(sizes: stride, fill: 1), padding: Extent(sizes: padding, fill: 0),
            dilation: Extent(sizes: dilation, fill: 1), groups: groups)
    }

    init(_ call: ConstructorCall, dimensions: Int) throws(ConstructorError) {
        let arguments = try ArgumentList(
            call,
            [
                "in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias",
                "padding_mode",
            ])
        inputs = try arguments.integer("in_channels", in: 1...ArgumentList.largestSize)
        outputs = try arguments.integer("out_channels", in: 1...ArgumentList.largestSize)
        kernel = try arguments.sizes("kernel_size", dimensions: dimensions, atLeast: 1)
        stride = try arguments.sizes("stride", dimensions: dimensions, default: 1, atLeast: 1)
        padding = try arguments.sizes("padding", dimensions: dimensions, default: 0, atLeast: 0)
        dilation = try arguments.sizes("dilation", dimensions: dimensions, default: 1, atLeast: 1)
        groups = try arguments.integer("groups", default: 1, in: 1...ArgumentList.largestSize)
        bias = try arguments.boolean("bias", default: true)
        if arguments.has("padding_mode"), arguments.value("padding_mode") != .string("zeros") {
            throw arguments.wrong("padding_mode", "'zeros'")
        }
        if inputs % groups != 0 || outputs % groups != 0 {
            throw arguments.wrong("groups", "a divisor of in_channels (\(inputs)) and out_channels (\(outputs))")
        }
    }
}

/// BatchNorm1d, BatchNorm2d or BatchNorm3d.
package struct NormalizationLayer: Equatable, Sendable {
    package let channels: Int
    package let epsilon: Double
    /// nil is the cumulative average: 1 / num_batches_tracked.
    package let momentum: Double?
    package let affine: Bool
    /// Whether there is a β; never without a γ.
    package let bias: Bool
    package let tracksStatistics: Bool
    package let dimensions: Int

    package var name: String { "BatchNorm\(dimensions)d" }

    init(_ call: ConstructorCall, dimensions: Int) throws(ConstructorError) {
        let arguments = try ArgumentList(
            call, ["num_features", "eps", "momentum", "affine", "track_running_stats", "bias"])
        self.dimensions = dimensions
        channels = try arguments.integer("num_features", in: 1...ArgumentList.largestSize)
        epsilon = try arguments.number("eps", default: 1e-5, "a number of at least 0") { $0 >= 0 }
        if arguments.value("momentum") == ArgumentValue.none {
            momentum = nil
        } else {
            momentum = try arguments.number("momentum", default: 0.1, "a number from 0 to 1, or None") {
                (0...1).contains($0)
            }
        }
        affine = try arguments.boolean("affine", default: true)
        bias = try arguments.boolean("bias", default: true) && affine
        tracksStatistics = try arguments.boolean("track_running_stats", default: true)
    }
}

extension Extent {
    /// One to three sizes, those of the missing leading dimensions filled in.
    init(sizes: [Int], fill: Int) {
        let all = Array(repeating: fill, count: 3 - sizes.count) + sizes
        self.init(all[0], all[1], all[2])
    }
}
