/// What PyTorch's own layers print between their parentheses (their `extra_repr`), from the attributes that they keep.
struct LayerArguments {
    private let state: ModuleState
    private let graph: PickleGraph

    init(_ state: ModuleState, _ graph: PickleGraph) {
        self.state = state
        self.graph = graph
    }

    /// Empty for a class that is not one of `torch.nn`'s, or has nothing to say.
    var lines: [String] {
        guard let constructor = state.constructor, constructor.module.hasPrefix("torch.nn.modules") else { return [] }
        if constructor.name == "ParameterList" || constructor.name == "ParameterDict" { return parameterLines }
        guard let pieces = Self.pieces[constructor.name] else { return [] }
        let text = pieces.compactMap(text).joined(separator: ", ")
        return text.isEmpty ? [] : [text]
    }

    /// A part of the text between two commas.
    private enum Piece {
        /// The value alone.
        case value(String)
        /// `name=value`
        case named(String)
        /// `name=value` with the value as Python's repr: a text in quotes.
        case quoted(String)
        /// As `named`, unless the value is one of these, or not there.
        case unless(String, [String])
        /// As `quoted`, unless the value is one of these, or not there.
        case quotedUnless(String, [String])
        /// `name=True` or `name=False`: whether there is a parameter of this name.
        case hasParameter(String)
        /// `name=False` if there is no parameter of this name.
        case lacksParameter(String)
    }

    private func text(_ piece: Piece) -> String? {
        switch piece {
        case .value(let name): return attribute(name).map { PythonText.str($0, graph) } ?? "?"
        case .named(let name): return name + "=" + (attribute(name).map { PythonText.str($0, graph) } ?? "?")
        case .quoted(let name): return name + "=" + (attribute(name).map { PythonText.repr($0, graph) } ?? "?")
        case .unless(let name, let defaults):
            guard let text = attribute(name).map({ PythonText.str($0, graph) }) else { return nil }
            return defaults.contains(text) ? nil : name + "=" + text
        case .quotedUnless(let name, let defaults):
            guard let text = attribute(name).map({ PythonText.repr($0, graph) }) else { return nil }
            return defaults.contains(text) ? nil : name + "=" + text
        case .hasParameter(let name): return name + "=" + (hasParameter(name) ? "True" : "False")
        case .lacksParameter(let name): return hasParameter(name) ? nil : name + "=False"
        }
    }

    private func attribute(_ name: String) -> PickleGraph.Value? {
        state.attributes.last { graph.text($0.key) == name }?.value
    }

    private func hasParameter(_ name: String) -> Bool {
        state.parameters.contains { graph.text($0.key) == name && graph.tensor($0.value) != nil }
    }

    private var parameterLines: [String] {
        state.parameters.compactMap { pair in
            guard let name = graph.keyText(pair.key), let tensor = graph.tensor(pair.value) else { return nil }
            let size = tensor.shape.map(String.init).joined(separator: "x")
            return "  (\(name)): Parameter containing: [torch.\(tensor.type.rawValue) of size \(size)]"
        }
    }

    // MARK: - The classes

    private static let pieces: [String: [Piece]] = {
        var table: [String: [Piece]] = [:]
        for (names, pieces) in groups {
            for name in names.split(separator: " ") { table[String(name)] = pieces }
        }
        return table
    }()

    private static let inPlace = Piece.unless("inplace", ["False"])

    private static let groups: [(names: String, pieces: [Piece])] = [
        (
            "Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d",
            [
                .value("in_channels"), .value("out_channels"), .named("kernel_size"), .named("stride"),
                .unless("padding", ["(0,)", "(0, 0)", "(0, 0, 0)"]),
                .unless("dilation", ["(1,)", "(1, 1)", "(1, 1, 1)"]),
                .unless("output_padding", ["(0,)", "(0, 0)", "(0, 0, 0)"]), .unless("groups", ["1"]),
                .lacksParameter("bias"), .unless("padding_mode", ["zeros"]),
            ]
        ),
        (
            "BatchNorm1d BatchNorm2d BatchNorm3d SyncBatchNorm InstanceNorm1d InstanceNorm2d InstanceNorm3d",
            [
                .value("num_features"), .named("eps"), .named("momentum"), .named("affine"), .hasParameter("bias"),
                .named("track_running_stats"),
            ]
        ),
        (
            "GroupNorm",
            [.value("num_groups"), .value("num_channels"), .named("eps"), .named("affine"), .hasParameter("bias")]
        ),
        (
            "LayerNorm",
            [.value("normalized_shape"), .named("eps"), .named("elementwise_affine"), .hasParameter("bias")]
        ),
        ("RMSNorm", [.value("normalized_shape"), .named("eps"), .named("elementwise_affine")]),
        ("LocalResponseNorm CrossMapLRN2d", [.value("size"), .named("alpha"), .named("beta"), .named("k")]),
        (
            "Linear NonDynamicallyQuantizableLinear",
            [.named("in_features"), .named("out_features"), .hasParameter("bias")]
        ),
        ("Bilinear", [.named("in1_features"), .named("in2_features"), .named("out_features"), .hasParameter("bias")]),
        ("ReLU ReLU6 SELU SiLU Mish Hardswish Hardsigmoid", [inPlace]),
        ("LeakyReLU", [.named("negative_slope"), inPlace]),
        ("ELU CELU", [.named("alpha"), inPlace]),
        ("Hardtanh", [.named("min_val"), .named("max_val"), inPlace]),
        ("RReLU", [.named("lower"), .named("upper"), inPlace]),
        ("Threshold", [.named("threshold"), .named("value"), inPlace]),
        ("GELU", [.quoted("approximate")]),
        ("PReLU", [.named("num_parameters")]),
        ("GLU Softmax Softmin LogSoftmax", [.named("dim")]),
        ("Softplus", [.named("beta"), .named("threshold")]),
        ("Softshrink Hardshrink", [.value("lambd")]),
        (
            "Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout",
            [.named("p"), .named("inplace")]
        ),
        (
            "MaxPool1d MaxPool2d MaxPool3d",
            [.named("kernel_size"), .named("stride"), .named("padding"), .named("dilation"), .named("ceil_mode")]
        ),
        ("MaxUnpool1d MaxUnpool2d MaxUnpool3d", [.named("kernel_size"), .named("stride"), .named("padding")]),
        ("AvgPool1d AvgPool2d AvgPool3d", [.named("kernel_size"), .named("stride"), .named("padding")]),
        (
            "LPPool1d LPPool2d LPPool3d",
            [.named("norm_type"), .named("kernel_size"), .named("stride"), .named("ceil_mode")]
        ),
        (
            "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d",
            [.named("output_size")]
        ),
        ("Flatten", [.named("start_dim"), .named("end_dim")]),
        ("Unflatten", [.named("dim"), .named("unflattened_size")]),
        (
            "Upsample UpsamplingNearest2d UpsamplingBilinear2d",
            [.quotedUnless("scale_factor", ["None"]), .quotedUnless("size", ["None"]), .quoted("mode")]
        ),
        ("PixelShuffle", [.named("upscale_factor")]),
        ("PixelUnshuffle", [.named("downscale_factor")]),
        ("ChannelShuffle", [.named("groups")]),
        ("Unfold", [.named("kernel_size"), .named("dilation"), .named("padding"), .named("stride")]),
        (
            "Fold",
            [.named("output_size"), .named("kernel_size"), .named("dilation"), .named("padding"), .named("stride")]
        ),
        (
            "ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d "
                + "ZeroPad1d ZeroPad2d ZeroPad3d CircularPad1d CircularPad2d CircularPad3d",
            [.value("padding")]
        ),
        ("ConstantPad1d ConstantPad2d ConstantPad3d", [.named("padding"), .named("value")]),
        (
            "Embedding",
            [
                .value("num_embeddings"), .value("embedding_dim"), .unless("padding_idx", ["None"]),
                .unless("max_norm", ["None"]), .unless("norm_type", ["2", "2.0"]),
                .unless("scale_grad_by_freq", ["False"]), .unless("sparse", ["False"]),
            ]
        ),
        (
            "EmbeddingBag",
            [
                .value("num_embeddings"), .value("embedding_dim"), .unless("max_norm", ["None"]),
                .unless("norm_type", ["2", "2.0"]), .unless("scale_grad_by_freq", ["False"]), .quoted("mode"),
                .unless("padding_idx", ["None"]),
            ]
        ),
        (
            "RNN LSTM GRU",
            [
                .value("input_size"), .value("hidden_size"), .unless("proj_size", ["0"]), .unless("num_layers", ["1"]),
                .unless("bias", ["True"]), .unless("batch_first", ["False"]), .unless("dropout", ["0", "0.0"]),
                .unless("bidirectional", ["False"]),
            ]
        ),
        (
            "RNNCell LSTMCell GRUCell",
            [
                .value("input_size"), .value("hidden_size"), .unless("bias", ["True"]),
                .unless("nonlinearity", ["tanh"]),
            ]
        ),
    ]
}

/// Values as Python writes them.
enum PythonText {
    private static let depthLimit = 8
    private static let itemLimit = 32

    /// As `str`: a text stands as it is.
    static func str(_ value: PickleGraph.Value, _ graph: PickleGraph) -> String {
        graph.text(value) ?? repr(value, graph)
    }

    static func repr(_ value: PickleGraph.Value, _ graph: PickleGraph, depth: Int = 0) -> String {
        switch value {
        case .none: "None"
        case .bool(let flag): flag ? "True" : "False"
        case .int(let number): String(number)
        case .float(let number): float(number)
        case .string: "'" + (graph.text(value) ?? "") + "'"
        case .object(let number): depth < depthLimit ? repr(graph.objects[Int(number)], graph, depth: depth + 1) : "…"
        }
    }

    private static func repr(_ object: PickleGraph.Object, _ graph: PickleGraph, depth: Int) -> String {
        func joined(_ items: [PickleGraph.Value]) -> String {
            items.prefix(itemLimit).map { repr($0, graph, depth: depth) }.joined(separator: ", ")
                + (items.count > itemLimit ? ", …" : "")
        }
        switch object {
        case .list(let items): return "[" + joined(items) + "]"
        case .tuple(let items): return "(" + joined(items) + (items.count == 1 ? ",)" : ")")
        case .set(let items): return items.isEmpty ? "set()" : "{" + joined(items) + "}"
        case .global(let global): return global.description
        case .instance(let instance): return "<" + (instance.constructor?.description ?? "?") + ">"
        default: return "…"
        }
    }

    private static func float(_ number: Double) -> String {
        if number.isNaN { return "nan" }
        if number.isInfinite { return number < 0 ? "-inf" : "inf" }
        return number.description
    }
}
