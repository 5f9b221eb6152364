/// What a convolution does, apart from its weights; PyTorch's parameters for one, two or three dimensions.
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

    /// The halo the gradient of the output needs, so that the gradient of an input of this extent can be taken without a
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

    /// Which taps reach the input positions `residue + stride·j`, and from which output position `j + offset`.
    func gradientTaps(_ axis: KeyPath<Extent, Int>, residue: Int) -> [(tap: Int, offset: Int)] {
        (0..<kernel[keyPath: axis]).compactMap { tap in
            let distance = residue + padding[keyPath: axis] - tap * dilation[keyPath: axis]
            guard distance % stride[keyPath: axis] == 0 else { return nil }
            return (tap, distance / stride[keyPath: axis])
        }
    }
}

/// Where the numbers of an image stand in a batch: planes of single channels, `[C][D+2d][H+2h][W+2w]` with a halo of
/// zeros, as a convolution at the entrance reads them. Blocks of sixteen channels would be mostly empty for grey or
/// coloured images.
package struct PlanarLayout: Equatable, Hashable, Sendable {
    package let channels: Int
    package let extent: Extent
    package let halo: Extent

    package let rowStride: Int
    package let planeStride: Int
    package let channelStride: Int
    /// Floats one image takes, filled up so that every image begins at a cache line.
    package let imageStride: Int

    package init(channels: Int, extent: Extent, halo: Extent) {
        self.channels = channels
        self.extent = extent
        self.halo = halo
        rowStride = extent.width + 2 * halo.width
        planeStride = (extent.height + 2 * halo.height) * rowStride
        channelStride = (extent.depth + 2 * halo.depth) * planeStride
        imageStride = (channels * channelStride + laneCount - 1) / laneCount * laneCount
    }

    package func row(channel: Int, _ z: Int, _ y: Int) -> Int {
        channel * channelStride + (z + halo.depth) * planeStride + (y + halo.height) * rowStride + halo.width
    }

    /// Values in one image: C·D·H·W.
    package var imageSize: Int { channels * extent.volume }

    /// Where value `index` of PyTorch's contiguous C×D×H×W order stands.
    package func offset(ofContiguous index: Int) -> Int {
        let (line, x) = index.quotientAndRemainder(dividingBy: extent.width)
        let (plane, y) = line.quotientAndRemainder(dividingBy: extent.height)
        let (channel, z) = plane.quotientAndRemainder(dividingBy: extent.depth)
        return row(channel: channel, z, y) + x
    }
}

/// The layout a convolution reads: the image's planes at the network's entrance, blocks of channels inside.
package enum ConvolutionInput: Equatable, Hashable, Sendable {
    case planar(PlanarLayout)
    case blocked(BlockedLayout)

    package var extent: Extent {
        switch self {
        case .planar(let layout): layout.extent
        case .blocked(let layout): layout.extent
        }
    }

    package var halo: Extent {
        switch self {
        case .planar(let layout): layout.halo
        case .blocked(let layout): layout.halo
        }
    }

    /// Input channels a tap goes through in one run, and how many such runs there are.
    var channelsPerTap: Int {
        switch self {
        case .planar: 1
        case .blocked: laneCount
        }
    }

    var channelGroups: Int {
        switch self {
        case .planar(let layout): layout.channels
        case .blocked(let layout): layout.blocks
        }
    }

    /// Floats from one pixel to the next.
    var pixelStride: Int { channelsPerTap }

    var rowStride: Int {
        switch self {
        case .planar(let layout): layout.rowStride
        case .blocked(let layout): layout.rowStride
        }
    }

    var planeStride: Int {
        switch self {
        case .planar(let layout): layout.planeStride
        case .blocked(let layout): layout.planeStride
        }
    }

    /// Where position (z, y, x) of a channel group stands; x may be in the halo.
    func offset(group: Int, _ z: Int, _ y: Int, _ x: Int) -> Int {
        switch self {
        case .planar(let layout): layout.row(channel: group, z, y) + x
        case .blocked(let layout): layout.row(block: group, z, y) + x * laneCount
        }
    }
}
