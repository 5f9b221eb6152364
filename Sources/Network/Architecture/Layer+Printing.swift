import Syntax

extension Layer: CustomStringConvertible {
    /// The layer as PyTorch's `print` shows it, which `init(parsing:)` reads back.
    package var description: String {
        let call = call
        let shown = PrintedArguments(of: call.name)?.texts(call) ?? []
        return PythonLiteral.call(call.name, shown + unprintedArguments)
    }

    /// The layer's constructor with every argument by its name.
    package var call: ConstructorCall {
        switch self {
        case .convolution(let layer): layer.call
        case .normalization(let layer): layer.call
        case .linear(let inputs, let outputs, let bias):
            ConstructorCall(
                "Linear",
                ["in_features": .integer(inputs), "out_features": .integer(outputs), "bias": .boolean(bias)])
        case .relu(let inPlace): ConstructorCall("ReLU", ["inplace": .boolean(inPlace)])
        case .leakyReLU(let slope, let inPlace):
            ConstructorCall("LeakyReLU", ["negative_slope": .number(slope), "inplace": .boolean(inPlace)])
        case .dropout(let probability, let inPlace):
            ConstructorCall("Dropout", ["p": .number(probability), "inplace": .boolean(inPlace)])
        case .pooling(let layer): layer.call
        case .flatten(let start, let end):
            ConstructorCall("Flatten", ["start_dim": .integer(start), "end_dim": .integer(end)])
        }
    }

    /// Arguments that PyTorch's `print` leaves out and that aren't at their defaults: without them the text would read back
    /// as another layer.
    private var unprintedArguments: [String] {
        guard case .pooling(let layer) = self, case .average(let countsPadding) = layer.kind else { return [] }
        return (layer.roundsUp ? ["ceil_mode=True"] : []) + (countsPadding ? [] : ["count_include_pad=False"])
    }
}

extension ConvolutionLayer: CustomStringConvertible {
    package var description: String { Layer.convolution(self).description }

    fileprivate var call: ConstructorCall {
        ConstructorCall(
            name,
            [
                "in_channels": .integer(inputs), "out_channels": .integer(outputs), "kernel_size": .sizes(kernel),
                "stride": .sizes(stride), "padding": .sizes(padding), "dilation": .sizes(dilation),
                "groups": .integer(groups), "bias": .boolean(bias),
            ])
    }
}

extension NormalizationLayer: CustomStringConvertible {
    package var description: String { Layer.normalization(self).description }

    fileprivate var call: ConstructorCall {
        ConstructorCall(
            name,
            [
                "num_features": .integer(channels), "eps": .number(epsilon),
                "momentum": momentum.map(ArgumentValue.number) ?? .none, "affine": .boolean(affine),
                "track_running_stats": .boolean(tracksStatistics), "bias": .boolean(bias),
            ])
    }
}

extension PoolingLayer: CustomStringConvertible {
    package var description: String { Layer.pooling(self).description }

    fileprivate var call: ConstructorCall {
        let window: [(String, ArgumentValue)] = [
            ("kernel_size", kernel.argument), ("stride", stride.argument), ("padding", padding.argument),
        ]
        switch kind {
        case .maximum(let dilation):
            return ConstructorCall(
                "MaxPool2d", window + [("dilation", dilation.argument), ("ceil_mode", .boolean(roundsUp))])
        case .average(let countsPadding):
            return ConstructorCall(
                "AvgPool2d",
                window + [("ceil_mode", .boolean(roundsUp)), ("count_include_pad", .boolean(countsPadding))])
        case .adaptive(let sizes, let isTuple):
            let values = sizes.map { $0.map(ArgumentValue.integer) ?? ArgumentValue.none }
            return ConstructorCall("AdaptiveAvgPool2d", ["output_size": isTuple ? .tuple(values) : values[0]])
        }
    }
}

extension PoolingLayer.Sizes {
    fileprivate var argument: ArgumentValue { isTuple ? .sizes([height, width]) : .integer(height) }
}
