import Tensors

/// The shape of one image between two layers: channels, and zero to three spatial sizes ((C), (C, L), (C, H, W) or
/// (C, D, H, W)); the batch dimension is left out.
package struct FeatureShape: Equatable, Sendable, CustomStringConvertible {
    package let channels: Int
    package let spatial: [Int]

    package init(_ channels: Int, _ spatial: [Int] = []) {
        self.channels = channels
        self.spatial = spatial
    }

    package var count: Int { spatial.reduce(channels, *) }
    package var extent: Extent { Extent(sizes: spatial, fill: 1) }
    package var dimensions: [Int] { [channels] + spatial }

    package var description: String { "(" + dimensions.map { "\($0)" }.joined(separator: ", ") + ")" }

    func replacing(channels: Int, extent: Extent) -> FeatureShape {
        FeatureShape(channels, Array([extent.depth, extent.height, extent.width].suffix(spatial.count)))
    }
}
