/// The attributes of a layer, wherever they come from.
package protocol LayerAttributes {
    /// The attribute as Python's `str` writes it, or as its `repr`, with quotes around a text; nil if there is none.
    func text(of attribute: String, quoted: Bool) -> String?
    /// Whether the layer has a parameter of that name.
    func hasParameter(_ name: String) -> Bool
}

extension ConstructorCall: LayerAttributes {
    package func text(of attribute: String, quoted: Bool) -> String? {
        guard let value = self[keyword: attribute] else { return nil }
        if !quoted, case .string(let text) = value { return text }
        return value.description
    }

    package func hasParameter(_ name: String) -> Bool { self[keyword: name] == .boolean(true) }
}

/// What PyTorch's own layers print between their parentheses (their `extra_repr`), by class.
package struct PrintedArguments {
    private let pieces: [Piece]

    /// Nil for a class that is not one of `torch.nn`'s, or prints nothing.
    package init?(of className: String) {
        guard let pieces = Self.pieces[className] else { return nil }
        self.pieces = pieces
    }

    package func texts(_ layer: some LayerAttributes) -> [String] { pieces.compactMap { $0.text(of: layer) } }

    /// One argument as it is printed.
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

        func text(of layer: some LayerAttributes) -> String? {
            switch self {
            case .value(let name): layer.text(of: name, quoted: false) ?? "?"
            case .named(let name): name + "=" + (layer.text(of: name, quoted: false) ?? "?")
            case .quoted(let name): name + "=" + (layer.text(of: name, quoted: true) ?? "?")
            case .unless(let name, let defaults): Self.named(name, layer.text(of: name, quoted: false), defaults)
            case .quotedUnless(let name, let defaults): Self.named(name, layer.text(of: name, quoted: true), defaults)
            case .hasParameter(let name): name + "=" + PythonLiteral.boolean(layer.hasParameter(name))
            case .lacksParameter(let name): layer.hasParameter(name) ? nil : name + "=False"
            }
        }

        private static func named(_ name: String, _ text: String?, _ defaults: [String]) -> String? {
            guard let text, !defaults.contains(text) else { return nil }
            return name + "=" + text
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
