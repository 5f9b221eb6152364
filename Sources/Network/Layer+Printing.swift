extension Layer: CustomStringConvertible {
    /// The layer as PyTorch's `print` shows it, which `init(parsing:)` reads back.
    package var description: String {
        switch self {
        case .convolution(let layer): layer.description
        case .normalization(let layer): layer.description
        case .linear(let inputs, let outputs, let bias):
            "Linear(in_features=\(inputs), out_features=\(outputs), bias=\(ArgumentValue.boolean(bias)))"
        case .relu(let inPlace): inPlace ? "ReLU(inplace=True)" : "ReLU()"
        case .leakyReLU(let slope, let inPlace):
            "LeakyReLU(negative_slope=\(PythonNumber.text(slope))\(inPlace ? ", inplace=True" : ""))"
        case .dropout(let probability, let inPlace):
            "Dropout(p=\(PythonNumber.text(probability)), inplace=\(ArgumentValue.boolean(inPlace)))"
        case .pooling(let layer): layer.description
        case .flatten(let start, let end): "Flatten(start_dim=\(start), end_dim=\(end))"
        }
    }
}

extension ConvolutionLayer: CustomStringConvertible {
    /// `Conv2d(3, 16, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))`: what is at its default after stride isn't
    /// shown.
    package var description: String {
        var parts = ["\(inputs)", "\(outputs)", "kernel_size=\(tuple(kernel))", "stride=\(tuple(stride))"]
        if padding.contains(where: { $0 != 0 }) { parts.append("padding=\(tuple(padding))") }
        if dilation.contains(where: { $0 != 1 }) { parts.append("dilation=\(tuple(dilation))") }
        if groups != 1 { parts.append("groups=\(groups)") }
        if !bias { parts.append("bias=False") }
        return "\(name)(" + parts.joined(separator: ", ") + ")"
    }

    private func tuple(_ sizes: [Int]) -> ArgumentValue { .tuple(sizes.map(ArgumentValue.integer)) }
}

extension NormalizationLayer: CustomStringConvertible {
    /// As PyTorch 2.15 prints it; older ones leave `bias` out.
    package var description: String {
        let momentum = momentum.map(PythonNumber.text) ?? "None"
        return "\(name)(\(channels), eps=\(PythonNumber.text(epsilon)), momentum=\(momentum), "
            + "affine=\(ArgumentValue.boolean(affine)), bias=\(ArgumentValue.boolean(bias)), "
            + "track_running_stats=\(ArgumentValue.boolean(tracksStatistics)))"
    }
}
