/// What a team does together, made once and run often.
///
/// The closures may touch unprotected memory: they divide their writes by the index they are given, so that no two write the
/// same place, and `ThreadTeam.run` stands between a write and a read by another thread. That discipline is what `@unchecked`
/// stands for.
package final class TeamWork: @unchecked Sendable {
    enum Division { case threads, fixed, helping }

    let division: Division
    let count: () -> Int
    private let body: (_ piece: Int, _ thread: Int) -> Void
    private let direction: Direction
    private let leftover: Leftover?
    private let filling: Filling

    /// How a thread goes through its share; others help at the other end.
    package enum Direction {
        case ascending, descending

        package mutating func turn() { self = self == .ascending ? .descending : .ascending }

        func first(of share: Range<Int>) -> Int? { self == .ascending ? share.first : share.last }
    }

    /// For large pieces: the first one of each thread's share is only begun in its turn. What is left of it comes after all
    /// pieces, in small parts, so that no thread waits as long as a piece takes.
    package struct Leftover {
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

    /// Small pieces that depend on nothing in the work they come with: threads that find nothing of the work itself left do
    /// them instead of waiting.
    package struct Filling {
        fileprivate let count: Int
        fileprivate let body: (_ piece: Int) -> Void

        package init(pieces count: Int, _ body: @escaping (_ piece: Int) -> Void) {
            self.count = count
            self.body = body
        }

        package static var none: Filling { Filling(pieces: 0) { _ in } }
    }

    /// Something that every thread does once.
    package init(_ body: @escaping (_ thread: Int) -> Void) {
        division = .threads
        count = { 0 }
        direction = .ascending
        leftover = nil
        filling = .none
        self.body = { _, thread in body(thread) }
    }

    /// `count` pieces, each of which some thread does: a thread goes through its share of neighbouring pieces, the same in
    /// every work of as many pieces, so that it finds in its cache what it left there; when done it takes from the far end
    /// of the others' shares, because one core may be much slower than another.
    ///
    /// - Parameters:
    ///   - helping: false where a piece is done sooner than its memory comes from another core's cache. Then every thread
    ///     does its own share and no more, always ascending.
    ///   - leftover: only where threads help.
    ///   - filling: only where threads help.
    package init(
        pieces count: @autoclosure @escaping () -> Int, helping: Bool = true,
        direction: Direction = .ascending, leftover: Leftover? = nil, filling: Filling = .none,
        _ body: @escaping (_ piece: Int, _ thread: Int) -> Void
    ) {
        precondition(
            helping || leftover == nil && filling.count == 0 && direction == .ascending,
            "who does not help leaves nothing over, does not turn and does not fill")
        division = helping ? .helping : .fixed
        self.count = count
        self.direction = direction
        self.leftover = leftover
        self.filling = filling
        self.body = body
    }

    /// A thread's part of it.
    func perform(_ thread: Int, of order: Order, _ left: WorkLeft) {
        switch division {
        case .threads: body(0, thread)
        case .fixed: for piece in order.share(of: thread) { body(piece, thread) }
        case .helping: help(thread, order, left)
        }
    }

    private func help(_ thread: Int, _ order: Order, _ left: WorkLeft) {
        let leftovers = order.dividing((leftover?.parts ?? 0) * order.threads), fillings = order.dividing(filling.count)
        left.pieces.begin(thread, order)
        left.leftovers.begin(thread, leftovers)
        left.fillings.begin(thread, fillings)
        while let (piece, owner) = left.pieces.take(thread, order, direction) {
            if let leftover, piece == direction.first(of: order.share(of: owner)) {
                leftover.begin(piece, thread)
                left.setBegun(owner, order)
            } else {
                body(piece, thread)
            }
        }
        if let leftover {
            while let (index, owner) = left.leftovers.take(thread, leftovers, .ascending) {
                guard let piece = direction.first(of: order.share(of: owner)) else { continue }
                left.waitUntilBegun(owner, order)
                leftover.end(piece, index - owner * leftover.parts, thread)
            }
        }
        while let (piece, _) = left.fillings.take(thread, fillings, .ascending) { filling.body(piece) }
    }
}
