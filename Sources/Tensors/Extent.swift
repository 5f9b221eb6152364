/// The sizes along depth, height and width. Images have depth 1, sequences depth and height 1.
@usableFromInline
package struct Extent: Equatable, Hashable, Sendable {
    @usableFromInline package var depth: Int
    @usableFromInline package var height: Int
    @usableFromInline package var width: Int

    @inlinable
    package init(_ depth: Int, _ height: Int, _ width: Int) {
        self.depth = depth
        self.height = height
        self.width = width
    }

    @inlinable
    package init(repeating size: Int) { self.init(size, size, size) }

    package static let zero = Extent(repeating: 0)
    package static let one = Extent(repeating: 1)

    @inlinable package var volume: Int { depth * height * width }

    @inlinable
    package func map(_ transform: (Int) -> Int) -> Extent {
        Extent(transform(depth), transform(height), transform(width))
    }

    @inlinable
    package func combined(_ other: Extent, _ transform: (Int, Int) -> Int) -> Extent {
        Extent(transform(depth, other.depth), transform(height, other.height), transform(width, other.width))
    }
}
