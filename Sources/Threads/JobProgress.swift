/// What remains to be done of a job in which threads help each other.
final class JobProgress: Sendable {
    let pieces: WorkQueue
    let tails: WorkQueue
    let idlePieces: WorkQueue
    /// For each share, the round in which its first piece was begun last.
    private let begun: PaddedAtomics

    init(threads: Int) {
        pieces = WorkQueue(threads: threads)
        tails = WorkQueue(threads: threads)
        idlePieces = WorkQueue(threads: threads)
        begun = PaddedAtomics(count: threads)
    }

    func setBegun(_ owner: Int, _ job: JobInfo) {
        begun.word(owner).pointee.store(UInt64(job.round), ordering: .releasing)
    }

    /// Only when all pieces have been taken: whoever has the piece then waits for nobody.
    func waitUntilBegun(_ owner: Int, _ job: JobInfo) {
        SpinWait.wait { begun.word(owner).pointee.load(ordering: .acquiring) == UInt64(job.round) }
    }
}
