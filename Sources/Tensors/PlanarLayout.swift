/// The layout of an image in a batch: planes of single channels, `[C][D+2d][H+2h][W+2w]` with a halo of
/// zeros, as a convolution at the network's input reads them. Blocks of sixteen channels would be mostly empty for grey or
/// coloured images.
@usableFromInline
package struct PlanarLayout: Equatable, Hashable, Sendable {
    @usableFromInline package let channels: Int
    @usableFromInline package let extent: Extent
    @usableFromInline package let halo: Extent

    @usableFromInline package let rowStride: Int
    @usableFromInline package let planeStride: Int
    @usableFromInline package let channelStride: Int
    /// Floats that one image takes, filled up so that every image begins at a cache line.
    @usableFromInline package let imageStride: Int

    package init(channels: Int, extent: Extent, halo: Extent) {
        self.channels = channels
        self.extent = extent
        self.halo = halo
        rowStride = extent.width + 2 * halo.width
        planeStride = (extent.height + 2 * halo.height) * rowStride
        channelStride = (extent.depth + 2 * halo.depth) * planeStride
        imageStride = (channels * channelStride + laneCount - 1) / laneCount * laneCount
    }

    @inlinable
    package func row(channel: Int, _ z: Int, _ y: Int) -> Int {
        channel * channelStride + (z + halo.depth) * planeStride + (y + halo.height) * rowStride + halo.width
    }

    /// Values in one image: C·D·H·W.
    @inlinable package var imageSize: Int { channels * extent.volume }

    /// The offset of value `index` of PyTorch's contiguous C×D×H×W order.
    @inlinable
    package func offset(ofContiguous index: Int) -> Int {
        let (line, x) = index.quotientAndRemainder(dividingBy: extent.width)
        let (plane, y) = line.quotientAndRemainder(dividingBy: extent.height)
        let (channel, z) = plane.quotientAndRemainder(dividingBy: extent.depth)
        return row(channel: channel, z, y) + x
    }
}
