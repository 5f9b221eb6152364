import Tensors

/// The layout of a convolution's input: planes for the network's images, blocks of channels for all other activations.
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
