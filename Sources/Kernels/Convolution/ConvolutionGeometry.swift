import Tensors

/// The shape of a convolution without its weights: PyTorch's parameters for one, two or three dimensions.
package struct ConvolutionGeometry: Equatable, Hashable, Sendable {
    package var inputChannels: Int
    package var outputChannels: Int
    package var kernel: Extent
    package var stride: Extent
    package var padding: Extent
    package var dilation: Extent
    package var groups: Int

    package init(
        inputChannels: Int, outputChannels: Int, kernel: Extent, stride: Extent = .one, padding: Extent = .zero,
        dilation: Extent = .one, groups: Int = 1
    ) {
        self.inputChannels = inputChannels
        self.outputChannels = outputChannels
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.groups = groups
    }

    /// Distance from the first to the last tap: dilation·(kernel − 1).
    package var reach: Extent { dilation.combined(kernel) { $0 * ($1 - 1) } }

    /// ⌊(in + 2·padding − reach − 1) / stride⌋ + 1 along each dimension, or nil where the kernel doesn't fit.
    package func outputExtent(of input: Extent) -> Extent? {
        let room = input.combined(padding) { $0 + 2 * $1 }.combined(reach) { $0 - $1 - 1 }
        guard room.depth >= 0, room.height >= 0, room.width >= 0 else { return nil }
        return room.combined(stride) { $0 / $1 + 1 }
    }

    /// The halo that the gradient of the output needs, so that the gradient of an input of this extent can be taken without a
    /// test at the border.
    package func gradientHalo(input: Extent, output: Extent) -> Extent {
        Extent(
            gradientHalo(\.depth, input, output), gradientHalo(\.height, input, output),
            gradientHalo(\.width, input, output))
    }

    private func gradientHalo(_ axis: KeyPath<Extent, Int>, _ input: Extent, _ output: Extent) -> Int {
        var halo = 0
        for residue in 0..<min(stride[keyPath: axis], input[keyPath: axis]) {
            let last = (input[keyPath: axis] - 1 - residue) / stride[keyPath: axis]
            for tap in gradientTaps(axis, residue: residue) {
                halo = max(halo, -tap.offset, last + tap.offset - (output[keyPath: axis] - 1))
            }
        }
        return halo
    }

    /// The taps that reach the input positions `residue + stride·j`, and from which output position `j + offset`.
    func gradientTaps(_ axis: KeyPath<Extent, Int>, residue: Int) -> [(tap: Int, offset: Int)] {
        (0..<kernel[keyPath: axis]).compactMap { tap in
            let distance = residue + padding[keyPath: axis] - tap * dilation[keyPath: axis]
            guard distance % stride[keyPath: axis] == 0 else { return nil }
            return (tap, distance / stride[keyPath: axis])
        }
    }
}
