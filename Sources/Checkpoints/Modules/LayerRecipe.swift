import Syntax

/// How one of torch.nn's layers is pickled: its class, its constructor's parameters, and what it keeps of them.
struct LayerRecipe {
    /// A parameter of the constructor with its default; nil: it must be given.
    typealias Signature = [(name: String, standard: PickleValue?)]

    let constructor: PickleGlobal
    let signature: Signature
    var parameters: [String] = []
    var buffers: [String] = []
    /// What the layer keeps, from its arguments by name.
    let attributes: ([String: PickleValue]) -> [PickleValue.Entry]

    /// Arguments by name, with the defaults of those not given; nil if one is unknown, missing or given twice.
    func bind(_ call: ConstructorCall) -> [String: PickleValue]? {
        guard call.positional.count <= signature.count else { return nil }
        var bound: [String: PickleValue] = [:]
        for (parameter, argument) in zip(signature, call.positional) {
            guard let value = PickleValue(argument) else { return nil }
            bound[parameter.name] = value
        }
        for keyword in call.keywords {
            guard signature.contains(where: { $0.name == keyword.name }), bound[keyword.name] == nil,
                let value = PickleValue(keyword.value)
            else { return nil }
            bound[keyword.name] = value
        }
        for parameter in signature where bound[parameter.name] == nil {
            guard let standard = parameter.standard else { return nil }
            bound[parameter.name] = standard
        }
        return bound
    }

    static func named(_ name: String) -> LayerRecipe? {
        let dimensions = name.hasSuffix("d") ? name.dropLast().last.flatMap { $0.wholeNumberValue } : nil
        switch name {
        case "Conv1d", "Conv2d", "Conv3d": return convolution(name, dimensions ?? 2)
        case "BatchNorm1d", "BatchNorm2d", "BatchNorm3d": return normalization(name)
        case "Linear": return linear
        case "MaxPool1d", "MaxPool2d", "MaxPool3d": return maximumPool(name)
        case "AvgPool1d": return averagePool1
        case "AvgPool2d", "AvgPool3d": return averagePool(name)
        default: return simple[name]
        }
    }

    /// `name` keeps its arguments under their own names.
    private init(_ module: String, _ name: String, _ signature: Signature) {
        constructor = PickleGlobal("torch.nn.modules." + module, name)
        self.signature = signature
        attributes = { arguments in signature.map { .init(.string($0.name), arguments[$0.name] ?? .none) } }
    }

    private init(
        _ module: String, _ name: String, _ signature: Signature, parameters: [String] = [], buffers: [String] = [],
        attributes: @escaping ([String: PickleValue]) -> [PickleValue.Entry]
    ) {
        constructor = PickleGlobal("torch.nn.modules." + module, name)
        self.signature = signature
        self.parameters = parameters
        self.buffers = buffers
        self.attributes = attributes
    }

    private static func entries(
        _ arguments: [String: PickleValue], _ names: String...
    ) -> [PickleValue.Entry] {
        names.map { .init(.string($0), arguments[$0] ?? .none) }
    }

    /// One number for every dimension, where a single one was given.
    private static func repeated(_ value: PickleValue?, _ count: Int) -> PickleValue {
        guard case .int = value, let value else { return value ?? .none }
        return .tuple(Array(repeating: value, count: count))
    }

    // MARK: - The layers

    private static func convolution(_ name: String, _ dimensions: Int) -> LayerRecipe {
        LayerRecipe(
            "conv", name,
            [
                ("in_channels", nil), ("out_channels", nil), ("kernel_size", nil), ("stride", 1), ("padding", 0),
                ("dilation", 1), ("groups", 1), ("bias", true), ("padding_mode", "zeros"),
            ], parameters: ["weight", "bias"]
        ) { arguments in
            let padding = repeated(arguments["padding"], dimensions)
            // PyTorch pads each side, the last dimension first.
            let sides = (padding.items ?? []).reversed().flatMap { [$0, $0] }
            return entries(arguments, "in_channels", "out_channels", "groups", "padding_mode")
                + ["kernel_size", "stride", "padding", "dilation"].map {
                    .init(.string($0), repeated(arguments[$0], dimensions))
                } + [
                    .init("transposed", false), .init("output_padding", repeated(0, dimensions)),
                    .init("_reversed_padding_repeated_twice", .tuple(sides)),
                ]
        }
    }

    private static func normalization(_ name: String) -> LayerRecipe {
        LayerRecipe(
            "batchnorm", name,
            [
                ("num_features", nil), ("eps", 1e-5), ("momentum", 0.1), ("affine", true),
                ("track_running_stats", true), ("bias", true),
            ], parameters: ["weight", "bias"], buffers: ["running_mean", "running_var", "num_batches_tracked"]
        ) { entries($0, "num_features", "eps", "momentum", "affine", "track_running_stats") }
    }

    private static var linear: LayerRecipe {
        LayerRecipe(
            "linear", "Linear", [("in_features", nil), ("out_features", nil), ("bias", true)],
            parameters: ["weight", "bias"]
        ) { entries($0, "in_features", "out_features") }
    }

    /// A pool's stride is the kernel's size unless given.
    private static func pool(_ arguments: [String: PickleValue]) -> [String: PickleValue] {
        arguments.merging(arguments["stride"] == PickleValue.none ? ["stride": arguments["kernel_size"] ?? .none] : [:])
        { $1 }
    }

    private static func maximumPool(_ name: String) -> LayerRecipe {
        LayerRecipe(
            "pooling", name,
            [
                ("kernel_size", nil), ("stride", PickleValue.none), ("padding", 0), ("dilation", 1),
                ("return_indices", false),
                ("ceil_mode", false),
            ]
        ) {
            entries(pool($0), "kernel_size", "stride", "padding", "dilation", "return_indices", "ceil_mode")
        }
    }

    private static func averagePool(_ name: String) -> LayerRecipe {
        LayerRecipe(
            "pooling", name,
            [
                ("kernel_size", nil), ("stride", PickleValue.none), ("padding", 0), ("ceil_mode", false),
                ("count_include_pad", true), ("divisor_override", PickleValue.none),
            ]
        ) {
            entries(
                pool($0), "kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override")
        }
    }

    private static var averagePool1: LayerRecipe {
        LayerRecipe(
            "pooling", "AvgPool1d",
            [
                ("kernel_size", nil), ("stride", PickleValue.none), ("padding", 0), ("ceil_mode", false),
                ("count_include_pad", true),
            ]
        ) { arguments in
            let arguments = pool(arguments)
            return entries(arguments, "ceil_mode", "count_include_pad")
                + ["kernel_size", "stride", "padding"].map { .init(.string($0), repeated(arguments[$0], 1)) }
        }
    }

    private static var simple: [String: LayerRecipe] {
        let inPlace: Signature = [("inplace", false)]
        let dropout: Signature = [("p", 0.5), ("inplace", false)]
        let activations = ["ReLU", "ReLU6", "SiLU", "SELU", "Mish", "Hardswish", "Hardsigmoid"].map {
            LayerRecipe("activation", $0, inPlace)
        }
        let plain = ["Sigmoid", "Tanh", "Softsign", "LogSigmoid"].map { LayerRecipe("activation", $0, []) }
        let dropouts = ["Dropout", "Dropout1d", "Dropout2d", "Dropout3d"].map { LayerRecipe("dropout", $0, dropout) }
        let adaptive = ["AdaptiveAvgPool", "AdaptiveMaxPool"].flatMap { name in
            (1...3).map { LayerRecipe("pooling", "\(name)\($0)d", pooledTo(name)) }
        }
        let others = [
            LayerRecipe("linear", "Identity", []),
            LayerRecipe("flatten", "Flatten", [("start_dim", 1), ("end_dim", -1)]),
            LayerRecipe("activation", "LeakyReLU", [("negative_slope", 0.01), ("inplace", false)]),
            LayerRecipe("activation", "ELU", [("alpha", 1.0), ("inplace", false)]),
            LayerRecipe("activation", "GELU", [("approximate", "none")]),
            LayerRecipe("activation", "Softmax", [("dim", PickleValue.none)]),
            LayerRecipe("activation", "LogSoftmax", [("dim", PickleValue.none)]),
            LayerRecipe("activation", "Hardtanh", [("min_val", -1.0), ("max_val", 1.0), ("inplace", false)]),
        ]
        let all = activations + plain + dropouts + adaptive + others
        return Dictionary(all.map { ($0.constructor.name, $0) }, uniquingKeysWith: { $1 })
    }

    private static func pooledTo(_ name: String) -> Signature {
        let size: Signature = [("output_size", nil)]
        return name == "AdaptiveMaxPool" ? size + [("return_indices", false)] : size
    }
}

extension PickleValue {
    /// The value of a layer's argument; nil for a call, which no layer of torch.nn's own takes.
    fileprivate init?(_ argument: ArgumentValue) {
        switch argument {
        case .integer(let value): self = .int(Int64(value))
        case .number(let value): self = .float(value)
        case .boolean(let value): self = .bool(value)
        case .none: self = .none
        case .string(let value): self = .string(value)
        case .tuple(let items):
            guard let values = Self.values(items) else { return nil }
            self = .tuple(values)
        case .list(let items):
            guard let values = Self.values(items) else { return nil }
            self = .list(values)
        case .call: return nil
        }
    }

    private static func values(_ arguments: [ArgumentValue]) -> [PickleValue]? {
        let values = arguments.compactMap { PickleValue($0) }
        return values.count == arguments.count ? values : nil
    }
}
