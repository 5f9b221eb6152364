/// The extent of a stretch of a curve: enough to draw it as one column without losing a spike or a NaN.
package struct ValueExtent: Equatable, Sendable {
    /// Smallest and largest finite value; +∞ and −∞ (an empty interval) if there is none.
    package var minimum: Float = .infinity
    package var maximum: Float = -.infinity
    /// The values at the stretch's two ends, whatever they are; NaN if it is empty.
    package var first: Float = .nan
    package var last: Float = .nan
    package var count = 0
    package var nanCount = 0
    package var positiveInfinityCount = 0
    package var negativeInfinityCount = 0

    package init() {}

    package var finiteCount: Int { count - nanCount - positiveInfinityCount - negativeInfinityCount }
    package var range: ClosedRange<Float>? { minimum <= maximum ? minimum...maximum : nil }
}

/// Minimum, maximum and counts of the non-finite values of a block of values; 20 bytes.
struct BlockExtent: Sendable {
    var minimum: Float = .infinity
    var maximum: Float = -.infinity
    var nans: UInt32 = 0
    var positives: UInt32 = 0
    var negatives: UInt32 = 0

    @inline(__always)
    mutating func add(_ value: Float) {
        if value.isFinite {
            if value < minimum { minimum = value }
            if value > maximum { maximum = value }
        } else if value.isNaN {
            nans += 1
        } else if value > 0 {
            positives += 1
        } else {
            negatives += 1
        }
    }

    mutating func add(_ other: BlockExtent) {
        minimum = min(minimum, other.minimum)
        maximum = max(maximum, other.maximum)
        nans += other.nans
        positives += other.positives
        negatives += other.negatives
    }
}

/// A tree of extents over a growing list of values: blocks of 64 values, then 16 blocks to one of the next level.
///
/// Invariant: level k holds one extent for each complete, aligned group of 64·16ᵏ values. The values themselves are the
/// owner's; it hands them in where a stretch's ragged ends need them. A third of a byte a value.
///
/// Complexity: append O(1) amortised, extent O(log n).
struct ExtentPyramid: Sendable {
    private static let blockShift = 6
    private static let fanShift = 4

    private(set) var count = 0
    private var open = BlockExtent()
    private var levels: [ChunkedList<BlockExtent>] = []

    @inline(__always)
    mutating func append(_ value: Float) {
        open.add(value)
        count += 1
        if count & (1 << Self.blockShift - 1) == 0 { closeBlock() }
    }

    private mutating func closeBlock() {
        append(open, at: 0)
        open = BlockExtent()
        var level = 0
        while levels[level].count & (1 << Self.fanShift - 1) == 0 {
            let children = levels[level]
            var parent = BlockExtent()
            for index in children.count - 1 << Self.fanShift..<children.count {
                parent.add(children[index])
            }
            append(parent, at: level + 1)
            level += 1
        }
    }

    private mutating func append(_ extent: BlockExtent, at level: Int) {
        if level == levels.count { levels.append(ChunkedList()) }
        levels[level].append(extent)
    }

    /// Forgets the values from `count` on; `value` gives those that stay.
    mutating func truncate(to count: Int, value: (Int) -> Float) {
        self.count = count
        for level in levels.indices {
            levels[level].truncate(to: count >> (Self.blockShift + Self.fanShift * level))
        }
        open = BlockExtent()
        for index in count & ~(1 << Self.blockShift - 1)..<count {
            open.add(value(index))
        }
    }

    func extent(_ range: Range<Int>, value: (Int) -> Float) -> ValueExtent {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "values \(range) of \(count)")
        var block = BlockExtent()
        var index = range.lowerBound
        while index < range.upperBound {
            if let (extent, width) = largestGroup(at: index, before: range.upperBound) {
                block.add(extent)
                index += width
            } else {
                block.add(value(index))
                index += 1
            }
        }
        return ValueExtent(block, range, value)
    }

    /// The largest complete group that starts at `index` and ends at or before `end`.
    private func largestGroup(at index: Int, before end: Int) -> (BlockExtent, width: Int)? {
        var found: (BlockExtent, width: Int)?
        for level in levels.indices {
            let shift = Self.blockShift + Self.fanShift * level
            let width = 1 << shift
            guard index & (width - 1) == 0, index + width <= end else { break }
            found = (levels[level][index >> shift], width)
        }
        return found
    }
}

extension ValueExtent {
    fileprivate init(_ block: BlockExtent, _ range: Range<Int>, _ value: (Int) -> Float) {
        minimum = block.minimum
        maximum = block.maximum
        count = range.count
        nanCount = Int(block.nans)
        positiveInfinityCount = Int(block.positives)
        negativeInfinityCount = Int(block.negatives)
        guard !range.isEmpty else { return }
        first = value(range.lowerBound)
        last = value(range.upperBound - 1)
    }
}
