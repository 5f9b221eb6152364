import Synchronization

/// One value of a scalar, as it was logged.
package struct ScalarPoint: Equatable, Sendable {
    package let step: Int64
    /// Seconds since 1970.
    package let wallTime: Double
    package let value: Float

    package init(step: Int64, wallTime: Double, value: Float) {
        self.step = step
        self.wallTime = wallTime
        self.value = value
    }
}

/// The series of one scalar's points, in order: 20 bytes a point and a third of a byte for the extents.
///
/// Invariant: steps never decrease. A step that goes back means that the writer restarted from there, so whatever was
/// logged at or after that step is dropped first, as TensorBoard does; several points with the same step are all kept.
/// Copies share their storage; a snapshot costs a handful of references. NaN and infinities are kept.
///
/// Complexity: append O(1) amortised, `lowerBound` and `extent` O(log n).
package struct ScalarSeries: Sendable {
    private var points = ChunkedList<PackedPoint>()
    private var pyramid = ExtentPyramid()
    private var lastStep = Int64.min

    /// Unique in the process, and new whenever points that were there before are gone: while it stays the same, a series
    /// has only grown, and whatever was computed from its first n points still holds.
    package private(set) var revision = Revision.next()

    package init() {}

    @inline(__always)
    package mutating func append(step: Int64, wallTime: Double, value: Float) {
        if step < lastStep { purge(from: step) }
        lastStep = step
        points.append(PackedPoint(step, wallTime, value))
        pyramid.append(value)
    }

    /// Drops the points at `step` and after it.
    package mutating func purge(from step: Int64) {
        let kept = lowerBound(step: step)
        guard kept < count else { return }
        points.truncate(to: kept)
        let points = self.points
        pyramid.truncate(to: kept) { points[$0].value }
        lastStep = points.last?.step ?? .min
        revision = Revision.next()
    }

    /// The first index whose step is at least `step`; `count` if there is none.
    package func lowerBound(step: Int64) -> Int {
        points.partition { $0.step < step }
    }

    /// The first index whose wall time is at least `wallTime`. Where a clock went back in the middle of a run, the answer
    /// is one of several that could be given.
    package func lowerBound(wallTime: Double) -> Int {
        points.partition { $0.wallTime < wallTime }
    }

    /// What the points in `range` hold, for one column of a chart.
    package func extent(_ range: Range<Int>) -> ValueExtent {
        pyramid.extent(range) { points[$0].value }
    }
}

extension ScalarSeries: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { points.count }
    package var count: Int { points.count }
    package subscript(index: Int) -> ScalarPoint { points[index].point }
    package var last: ScalarPoint? { points.last?.point }
}

/// A scalar point without padding: 20 bytes where the natural layout takes 24.
struct PackedPoint: Sendable {
    private let stepBits: (UInt32, UInt32)
    private let timeBits: (UInt32, UInt32)
    let value: Float

    @inline(__always)
    init(_ step: Int64, _ wallTime: Double, _ value: Float) {
        stepBits = Self.halves(UInt64(bitPattern: step))
        timeBits = Self.halves(wallTime.bitPattern)
        self.value = value
    }

    @inline(__always) var step: Int64 { Int64(bitPattern: Self.whole(stepBits)) }
    @inline(__always) var wallTime: Double { Double(bitPattern: Self.whole(timeBits)) }
    var point: ScalarPoint { ScalarPoint(step: step, wallTime: wallTime, value: value) }

    @inline(__always)
    private static func halves(_ bits: UInt64) -> (UInt32, UInt32) {
        (UInt32(truncatingIfNeeded: bits), UInt32(truncatingIfNeeded: bits >> 32))
    }

    @inline(__always)
    private static func whole(_ bits: (UInt32, UInt32)) -> UInt64 {
        UInt64(bits.0) | UInt64(bits.1) << 32
    }
}

/// A source of numbers that are never given out twice in one process.
enum Revision {
    private static let counter = Atomic<UInt64>(0)

    static func next() -> UInt64 {
        counter.add(1, ordering: .relaxed).newValue
    }
}
