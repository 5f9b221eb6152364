import Synchronization

/// Atomic words in cache lines of their own, for words that two threads may want at the same time.
///
/// Where cores are far apart, every line that goes from one to the other delays a step's many small jobs by a few tenths of a
/// microsecond.
final class PaddedAtomics: @unchecked Sendable {
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    private let count: Int
    /// Two lines: processors fetch them in pairs.
    private static let distance = 16

    init(count: Int) {
        self.count = count * Self.distance
        let bytes = self.count * MemoryLayout<Atomic<UInt64>>.stride
        words = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 128).bindMemory(
            to: Atomic<UInt64>.self, capacity: self.count)
        for index in 0..<self.count { (words + index).initialize(to: Atomic(0)) }
    }

    deinit {
        words.deinitialize(count: count)
        words.deallocate()
    }

    @inline(__always)
    func word(_ line: Int, _ index: Int = 0) -> UnsafeMutablePointer<Atomic<UInt64>> {
        words + (line &* Self.distance &+ index)
    }
}
