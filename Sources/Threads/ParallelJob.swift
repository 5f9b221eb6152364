/// A job that a team of threads does together, made once and run often.
///
/// The closures may touch unprotected memory: they divide their writes by the index they are given, so that no two write the
/// same place, and `ThreadTeam.run` stands between a write and a read by another thread. That discipline is what `@unchecked`
/// stands for.
package final class ParallelJob: @unchecked Sendable {
    enum Division { case threads, fixed, helping }

    let division: Division
    let count: () -> Int
    private let body: (_ piece: Int, _ thread: Int) -> Void
    private let direction: Direction
    private let tailWork: TailWork?
    private let idleWork: IdleWork

    /// The order in which a thread goes through its share; others help at the other end.
    package enum Direction {
        case ascending, descending

        package mutating func turn() { self = self == .ascending ? .descending : .ascending }

        func first(of share: Range<Int>) -> Int? { self == .ascending ? share.first : share.last }
    }

    /// The end of large pieces, put off: the first piece of each thread's share is only begun in its turn. What is left of it
    /// comes after all pieces, in small parts, so that no thread waits as long as a piece takes.
    package struct TailWork {
        let parts: Int
        let begin: (_ piece: Int, _ thread: Int) -> Void
        let end: (_ piece: Int, _ part: Int, _ thread: Int) -> Void

        /// - Parameters:
        ///   - parts: into how many parts the rest of each such piece is divided.
        ///   - begin: what is done of the piece in its turn.
        ///   - end: one of the parts, after `begin` and independent of the other parts.
        package init(
            parts: Int, begin: @escaping (_ piece: Int, _ thread: Int) -> Void,
            end: @escaping (_ piece: Int, _ part: Int, _ thread: Int) -> Void
        ) {
            self.parts = parts
            self.begin = begin
            self.end = end
        }
    }

    /// Small pieces of other work for threads that would wait at the end of a job; they depend on nothing in that job.
    package struct IdleWork {
        fileprivate let count: Int
        fileprivate let body: (_ piece: Int) -> Void

        package init(pieces count: Int, _ body: @escaping (_ piece: Int) -> Void) {
            self.count = count
            self.body = body
        }

        package static var none: IdleWork { IdleWork(pieces: 0) { _ in } }
    }

    /// A job that every thread does once.
    package init(_ body: @escaping (_ thread: Int) -> Void) {
        division = .threads
        count = { 0 }
        direction = .ascending
        tailWork = nil
        idleWork = .none
        self.body = { _, thread in body(thread) }
    }

    /// A job of `count` pieces, each of which some thread does: a thread goes through its share of neighbouring pieces, the same
    /// in every job of as many pieces, so that it finds in its cache what it left there; when done it takes from the far end
    /// of the others' shares, because one core may be much slower than another.
    ///
    /// - Parameters:
    ///   - helping: false where a piece is done sooner than its memory comes from another core's cache. Then every thread
    ///     does its own share and no more, always ascending.
    ///   - tailWork: only where threads help.
    ///   - idleWork: only where threads help.
    package init(
        pieces count: @autoclosure @escaping () -> Int, helping: Bool = true,
        direction: Direction = .ascending, tailWork: TailWork? = nil, idleWork: IdleWork = .none,
        _ body: @escaping (_ piece: Int, _ thread: Int) -> Void
    ) {
        precondition(
            helping || tailWork == nil && idleWork.count == 0 && direction == .ascending,
            "a job without help has no tail work, no other direction and no idle work")
        division = helping ? .helping : .fixed
        self.count = count
        self.direction = direction
        self.tailWork = tailWork
        self.idleWork = idleWork
        self.body = body
    }

    /// A thread's part of the job.
    func perform(_ thread: Int, of job: JobInfo, _ progress: JobProgress) {
        switch division {
        case .threads: body(0, thread)
        case .fixed: for piece in job.share(of: thread) { body(piece, thread) }
        case .helping: help(thread, job, progress)
        }
    }

    private func help(_ thread: Int, _ job: JobInfo, _ progress: JobProgress) {
        let tails = job.dividing((tailWork?.parts ?? 0) * job.threads), idlePieces = job.dividing(idleWork.count)
        progress.pieces.begin(thread, job)
        progress.tails.begin(thread, tails)
        progress.idlePieces.begin(thread, idlePieces)
        while let (piece, owner) = progress.pieces.take(thread, job, direction) {
            if let tailWork, piece == direction.first(of: job.share(of: owner)) {
                tailWork.begin(piece, thread)
                progress.setBegun(owner, job)
            } else {
                body(piece, thread)
            }
        }
        if let tailWork {
            while let (index, owner) = progress.tails.take(thread, tails, .ascending) {
                guard let piece = direction.first(of: job.share(of: owner)) else { continue }
                progress.waitUntilBegun(owner, job)
                tailWork.end(piece, index - owner * tailWork.parts, thread)
            }
        }
        while let (piece, _) = progress.idlePieces.take(thread, idlePieces, .ascending) { idleWork.body(piece) }
    }
}
