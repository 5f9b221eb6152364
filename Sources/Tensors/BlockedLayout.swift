/// The number of channels in one block of memory: as many as a vector of the kernels has lanes. Activations and weights are
/// padded to a multiple of it.
@inlinable package var laneCount: Int { 16 }

/// The layout of one image in memory while a network computes: `[C/16][D+2d][H+2h][W+2w][16]`, channels in
/// blocks of sixteen with the block innermost, and a halo of (d, h, w) zeros around each block so that a convolution
/// needs no test at the border.
///
/// Kernels inline what they ask of it, hence `@inlinable`, which counts only within a type that is `@usableFromInline`.
///
/// Invariants: the lanes beyond `channels` in the last block are zero, and so is the halo; every kernel keeps them so.
/// Offsets count floats from the start of the image.
@usableFromInline
package struct BlockedLayout: Equatable, Hashable, Sendable {
    @usableFromInline package let channels: Int
    @usableFromInline package let extent: Extent
    @usableFromInline package let halo: Extent

    @usableFromInline package let blocks: Int
    @usableFromInline package let rowStride: Int
    @usableFromInline package let planeStride: Int
    @usableFromInline package let blockStride: Int

    package init(channels: Int, extent: Extent, halo: Extent = .zero) {
        precondition(channels > 0 && extent.volume > 0, "a layout has at least one value")
        self.channels = channels
        self.extent = extent
        self.halo = halo
        blocks = (channels + laneCount - 1) / laneCount
        rowStride = (extent.width + 2 * halo.width) * laneCount
        planeStride = (extent.height + 2 * halo.height) * rowStride
        blockStride = (extent.depth + 2 * halo.depth) * planeStride
    }

    /// Floats that one image takes.
    @inlinable package var imageStride: Int { blocks * blockStride }

    /// Channels with the last block filled up.
    @inlinable package var paddedChannels: Int { blocks * laneCount }

    /// The offset of row (z, y) of a block, past the halo.
    @inlinable @inline(__always)
    package func row(block: Int, _ z: Int, _ y: Int) -> Int {
        let plane = (block &* blockStride) &+ ((z &+ halo.depth) &* planeStride)
        return plane &+ ((y &+ halo.height) &* rowStride) &+ (halo.width &* laneCount)
    }

    @inlinable
    package func offset(channel: Int, _ z: Int, _ y: Int, _ x: Int) -> Int {
        row(block: channel / laneCount, z, y) + x * laneCount + channel % laneCount
    }

    /// The offset of value `index` of PyTorch's contiguous C×D×H×W order.
    @inlinable
    package func offset(ofContiguous index: Int) -> Int {
        let x = index % extent.width
        let y = index / extent.width % extent.height
        let z = index / (extent.width * extent.height) % extent.depth
        return offset(channel: index / extent.volume, z, y, x)
    }

    /// Calls `body(block, offset here, offset there)` for each row of two layouts that differ only in their halo.
    @inlinable @inline(__always)
    package func forEachRow(with other: BlockedLayout, _ body: (_ block: Int, _ here: Int, _ there: Int) -> Void) {
        for block in 0..<blocks {
            for z in 0..<extent.depth {
                for y in 0..<extent.height {
                    body(block, row(block: block, z, y), other.row(block: block, z, y))
                }
            }
        }
    }
}
