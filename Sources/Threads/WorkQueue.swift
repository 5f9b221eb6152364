import Synchronization

/// The pieces of a job that nobody has taken yet: one range for each thread, which its thread shortens at the front and others
/// at the back.
///
/// A share is full until somebody has taken from it in this round: nobody hands them out, so that a thread that needs no
/// help finds its share in its own cache.
final class WorkQueue: Sendable {
    private let ranges: PaddedAtomics
    private static let mostPieces = 1 << 24

    init(threads: Int) { ranges = PaddedAtomics(count: threads) }

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
    func begin(_ thread: Int, _ job: JobInfo) {
        precondition(job.pieces < Self.mostPieces, "a job has too many pieces")
        let share = job.share(of: thread), place = ranges.word(thread)
        let word = place.pointee.load(ordering: .relaxed)
        guard !Rest(word: word).isOf(job.round) else { return }
        let full = Rest(share.lowerBound, share.upperBound, round: job.round)
        _ = place.pointee.compareExchange(expected: word, desired: full.word, ordering: .relaxed)
    }

    /// The next piece for a thread and whose share it is of, or nil when all are taken.
    func take(_ thread: Int, _ job: JobInfo, _ direction: ParallelJob.Direction) -> (piece: Int, owner: Int)? {
        let isAscending = direction == .ascending
        if let piece = take(from: thread, job, first: isAscending) { return (piece, thread) }
        for distance in 1..<job.threads {
            let owner = (thread + distance) % job.threads
            if let piece = take(from: owner, job, first: !isAscending) { return (piece, owner) }
        }
        return nil
    }

    private func take(from thread: Int, _ job: JobInfo, first: Bool) -> Int? {
        let place = ranges.word(thread)
        var word = place.pointee.load(ordering: .relaxed)
        while true {
            var rest = Rest(word: word)
            if !rest.isOf(job.round) {
                let share = job.share(of: thread)
                rest = Rest(share.lowerBound, share.upperBound, round: job.round)
            }
            let (next, end) = (rest.first, rest.end)
            guard next < end else { return nil }
            let left = first ? Rest(next + 1, end, round: job.round) : Rest(next, end - 1, round: job.round)
            let (exchanged, original) = place.pointee.compareExchange(
                expected: word, desired: left.word, ordering: .relaxed)
            if exchanged { return first ? next : end - 1 }
            word = original
        }
    }
}
