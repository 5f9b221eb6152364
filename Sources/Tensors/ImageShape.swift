/// The shape of an image: channels, rows and columns; `description` is as in `3×32×32`.
package struct ImageShape: Hashable, Sendable, CustomStringConvertible {
    package let channels: Int
    package let height: Int
    package let width: Int

    package init(channels: Int, height: Int, width: Int) {
        self.channels = channels
        self.height = height
        self.width = width
    }

    /// Values in one image: C·H·W.
    package var size: Int { channels * height * width }

    package var description: String { "\(channels)×\(height)×\(width)" }
}
