import Synchronization

/// What the threads have to know of a work besides the work.
struct Order {
    let pieces: Int
    let threads: Int
    /// Counts works in which threads help each other.
    let round: Int

    func share(of thread: Int) -> Range<Int> { (pieces * thread / threads)..<(pieces * (thread + 1) / threads) }

    /// The same of another number of pieces.
    func dividing(_ pieces: Int) -> Order { Order(pieces: pieces, threads: threads, round: round) }
}

/// Words of memory that two threads may want at the same time, in lines of the cache of their own. Where cores are far apart,
/// every line that goes from one to the other delays a step's many small works by a few tenths of a microsecond.
final class Lines: @unchecked Sendable {
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

/// The pieces that are left of each thread's share: a range that its thread shortens at the front and others at the back.
///
/// A share is full until somebody has taken from it in this round: nobody hands them out, so that a thread that needs no
/// help finds its share in its own cache.
final class Shares: Sendable {
    private let ranges: Lines
    private static let mostPieces = 1 << 24

    init(threads: Int) { ranges = Lines(count: threads) }

    /// First piece, end and round (its last sixteen bits) in one word.
    private struct Rest {
        let word: UInt64

        init(_ first: Int, _ end: Int, round: Int) {
            word = UInt64(first) | UInt64(end) << 24 | UInt64(truncatingIfNeeded: round) << 48
        }

        init(word: UInt64) { self.word = word }

        var first: Int { Int(word & 0xff_ffff) }
        var end: Int { Int(word >> 24 & 0xff_ffff) }
        func isOf(_ round: Int) -> Bool { word >> 48 == UInt64(truncatingIfNeeded: round) & 0xffff }
    }

    /// Every thread comes through here in every round, so that a word of 65,536 rounds ago is never taken for a new one.
    func begin(_ thread: Int, _ order: Order) {
        precondition(order.pieces < Self.mostPieces, "a work has too many pieces")
        let share = order.share(of: thread), place = ranges.word(thread)
        let word = place.pointee.load(ordering: .relaxed)
        guard !Rest(word: word).isOf(order.round) else { return }
        let full = Rest(share.lowerBound, share.upperBound, round: order.round)
        _ = place.pointee.compareExchange(expected: word, desired: full.word, ordering: .relaxed)
    }

    /// The next piece for a thread and whose share it is of, or nil when all are taken.
    func take(_ thread: Int, _ order: Order, _ direction: TeamWork.Direction) -> (piece: Int, owner: Int)? {
        let isAscending = direction == .ascending
        if let piece = take(from: thread, order, first: isAscending) { return (piece, thread) }
        for distance in 1..<order.threads {
            let owner = (thread + distance) % order.threads
            if let piece = take(from: owner, order, first: !isAscending) { return (piece, owner) }
        }
        return nil
    }

    private func take(from thread: Int, _ order: Order, first: Bool) -> Int? {
        let place = ranges.word(thread)
        var word = place.pointee.load(ordering: .relaxed)
        while true {
            var rest = Rest(word: word)
            if !rest.isOf(order.round) {
                let share = order.share(of: thread)
                rest = Rest(share.lowerBound, share.upperBound, round: order.round)
            }
            let (next, end) = (rest.first, rest.end)
            guard next < end else { return nil }
            let left = first ? Rest(next + 1, end, round: order.round) : Rest(next, end - 1, round: order.round)
            let (exchanged, original) = place.pointee.compareExchange(
                expected: word, desired: left.word, ordering: .relaxed)
            if exchanged { return first ? next : end - 1 }
            word = original
        }
    }
}

/// What is left to do of a work in which threads help each other.
final class WorkLeft: Sendable {
    let pieces: Shares
    let leftovers: Shares
    let fillings: Shares
    /// For each share, the round in which its first piece was begun last.
    private let begun: Lines

    init(threads: Int) {
        pieces = Shares(threads: threads)
        leftovers = Shares(threads: threads)
        fillings = Shares(threads: threads)
        begun = Lines(count: threads)
    }

    func setBegun(_ owner: Int, _ order: Order) {
        begun.word(owner).pointee.store(UInt64(order.round), ordering: .releasing)
    }

    /// Only when all pieces have been taken: whoever has the piece then waits for nobody.
    func waitUntilBegun(_ owner: Int, _ order: Order) {
        Spin.wait { begun.word(owner).pointee.load(ordering: .acquiring) == UInt64(order.round) }
    }
}
