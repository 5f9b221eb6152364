import CInstructionSet
import Glibc
import Synchronization

/// What a team does together, made once and run often.
///
/// The closure may touch unprotected memory: it divides its writes by the index it is given, so that no two write the same
/// place, and `ThreadTeam.run` stands between a write and a read by another thread. That discipline is what `@unchecked`
/// stands for.
package final class TeamWork: @unchecked Sendable {
    fileprivate enum Division { case threads, fixed, helping }

    fileprivate let division: Division
    fileprivate let count: () -> Int
    private let body: (_ piece: Int, _ thread: Int) -> Void
    private let direction: Direction
    private let filling: Filling

    /// How a thread goes through its share; others help at the other end.
    package enum Direction {
        case ascending, descending

        package mutating func turn() { self = self == .ascending ? .descending : .ascending }
    }

    /// Small pieces that depend on nothing in the work they come with: threads that find none of its own pieces left do them
    /// instead of waiting.
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
    ///   - filling: only where threads help.
    package init(
        pieces count: @autoclosure @escaping () -> Int, helping: Bool = true,
        direction: Direction = .ascending, filling: Filling = .none,
        _ body: @escaping (_ piece: Int, _ thread: Int) -> Void
    ) {
        precondition(
            helping || filling.count == 0 && direction == .ascending, "who does not help neither turns nor fills")
        division = helping ? .helping : .fixed
        self.count = count
        self.direction = direction
        self.filling = filling
        self.body = body
    }

    /// A thread's part of it.
    fileprivate func perform(_ thread: Int, of order: Order, _ shares: Shares, _ fillingShares: Shares) {
        switch division {
        case .threads: body(0, thread)
        case .fixed: for piece in order.share(of: thread) { body(piece, thread) }
        case .helping:
            let rest = Order(pieces: filling.count, threads: order.threads, round: order.round)
            shares.begin(thread, order)
            fillingShares.begin(thread, rest)
            while let piece = shares.take(thread, order, direction) { body(piece, thread) }
            while let piece = fillingShares.take(thread, rest, .ascending) { filling.body(piece) }
        }
    }
}

/// What the threads have to know of a work besides the work.
private struct Order {
    let pieces: Int
    let threads: Int
    /// Counts works in which threads help each other.
    let round: Int

    func share(of thread: Int) -> Range<Int> { (pieces * thread / threads)..<(pieces * (thread + 1) / threads) }
}

/// Threads that carry out one piece of work together, again and again: fork, work, join.
///
/// The calling thread is thread 0. The others spin after a piece of work, because the next one usually follows at once (a join
/// then costs about 0.2 µs instead of tens). After 100 µs they let others have the core between two looks, and after 1 ms they
/// sleep, so that a paused program takes no processor time. With a single processor nobody spins. They end when the team is
/// released.
///
/// Not a queue: `run` is called by one thread at a time and returns when all have finished.
package final class ThreadTeam {
    package let count: Int
    private let gate: Gate
    private var members: [pthread_t] = []

    /// - Parameter spins: whether to spin before sleeping; nil decides by the number of processors.
    package init(threads: Int, spins: Bool? = nil) {
        precondition(threads > 0, "a team has at least one thread")
        gate = Gate(threads: threads, spins: spins ?? (sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1))
        var started = 1
        while started < threads, let member = gate.startThread(index: started) {
            members.append(member)
            started += 1
        }
        count = started
        gate.members = started - 1
    }

    deinit {
        gate.open(nil)
        for member in members { pthread_join(member, nil) }
    }

    package func run(_ work: TeamWork) {
        gate.open(work)
        gate.perform(work)
        gate.join()
    }

    /// Lets the other threads begin with `work` and meanwhile does `own`; returns when all have finished. A team of one does
    /// one after the other.
    package func run<Value, Failure: Error>(
        _ work: TeamWork, while own: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        gate.open(work)
        defer { gate.join() }
        if members.isEmpty { gate.perform(work) }
        return try own()
    }
}

/// Words of memory that two threads may want at the same time, in lines of the cache of their own. Where cores are far apart,
/// every line that goes from one to the other delays a step's many small works by a few tenths of a microsecond.
private final class Lines: @unchecked Sendable {
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
private final class Shares: Sendable {
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

    /// The next piece for a thread, or nil when all are taken.
    func take(_ thread: Int, _ order: Order, _ direction: TeamWork.Direction) -> Int? {
        let isAscending = direction == .ascending
        if let piece = take(from: thread, order, first: isAscending) { return piece }
        for distance in 1..<order.threads {
            if let piece = take(from: (thread + distance) % order.threads, order, first: !isAscending) { return piece }
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

/// Where the members of a team wait for work and the caller waits for them.
///
/// Each member has a line on which the caller leaves the number of the work, and with it all that the member has to know;
/// on another line it answers with that number when done. `sleeping` and `joining` say who sleeps on the condition; a waker
/// looks at them after its own sequentially consistent update, and a sleeper looks at the update again after announcing
/// itself, so that no wake-up is lost.
private final class Gate: @unchecked Sendable {
    private let orders: Lines
    private let answers: Lines
    private let sleeping = Atomic<Int>(0)
    private let joining = Atomic<Bool>(false)
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let spins: Bool
    private let shares: Shares
    private let fillingShares: Shares
    /// The caller's alone.
    private var number: UInt64 = 0
    private var round = 0
    private var order = Order(pieces: 0, threads: 1, round: 0)
    var members = 0

    init(threads: Int, spins: Bool) {
        self.spins = spins
        shares = Shares(threads: threads)
        fillingShares = Shares(threads: threads)
        orders = Lines(count: threads)
        answers = Lines(count: threads)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// A new thread that waits here, or nil if the system gives no more of them: a smaller team is slower, not wrong.
    func startThread(index: Int) -> pthread_t? {
        let place = Unmanaged.passRetained(Place(gate: self, index: index))
        var thread = pthread_t()
        let status = pthread_create(&thread, nil, live, place.toOpaque())
        if status != 0 { place.release() }
        return status == 0 ? thread : nil
    }

    /// Lets the members begin; nil sends them home.
    func open(_ work: TeamWork?) {
        if work?.division == .helping { round += 1 }
        order = Order(pieces: work?.count() ?? 0, threads: members + 1, round: round)
        guard members > 0 else { return }
        number += 1
        let address = work.map { UInt64(UInt(bitPattern: Unmanaged.passUnretained($0).toOpaque())) } ?? 0
        for member in 1...members {
            orders.word(member, 1).pointee.store(address, ordering: .relaxed)
            orders.word(member, 2).pointee.store(UInt64(order.pieces), ordering: .relaxed)
            orders.word(member, 3).pointee.store(UInt64(round), ordering: .relaxed)
            orders.word(member).pointee.store(number, ordering: .sequentiallyConsistent)
        }
        if sleeping.load(ordering: .sequentiallyConsistent) > 0 { wakeAll() }
    }

    /// The caller's part of the work.
    func perform(_ work: TeamWork) { work.perform(0, of: order, shares, fillingShares) }

    func join() {
        guard members > 0 else { return }
        for member in 1...members {
            let answer = answers.word(member)
            wait(announcing: { self.joining.store($0, ordering: .sequentiallyConsistent) }) {
                answer.pointee.load(ordering: .sequentiallyConsistent) == self.number
            }
        }
    }

    /// A member's life: wait, work, report.
    func serve(index: Int) {
        let order = orders.word(index), answer = answers.word(index)
        var seen: UInt64 = 0
        while true {
            wait(announcing: { self.sleeping.add($0 ? 1 : -1, ordering: .sequentiallyConsistent) }) {
                order.pointee.load(ordering: .sequentiallyConsistent) != seen
            }
            seen += 1
            let address = orders.word(index, 1).pointee.load(ordering: .relaxed)
            guard let work = UnsafeRawPointer(bitPattern: UInt(address)) else { return }
            let own = Order(
                pieces: Int(orders.word(index, 2).pointee.load(ordering: .relaxed)), threads: members + 1,
                round: Int(orders.word(index, 3).pointee.load(ordering: .relaxed)))
            // The caller holds it until all have answered; to count references here would move their count between cores.
            Unmanaged<TeamWork>.fromOpaque(work)._withUnsafeGuaranteedRef {
                $0.perform(index, of: own, shares, fillingShares)
            }
            answer.pointee.store(seen, ordering: .sequentiallyConsistent)
            if joining.load(ordering: .sequentiallyConsistent) { wakeAll() }
        }
    }

    @inline(__always)
    private func wait(announcing announce: (Bool) -> Void, until ready: () -> Bool) {
        if spin(until: ready) { return }
        pthread_mutex_lock(mutex)
        announce(true)
        while !ready() { pthread_cond_wait(condition, mutex) }
        announce(false)
        pthread_mutex_unlock(mutex)
    }

    /// Nanoseconds.
    private static let (politeAfter, patience) = (100_000, 1_000_000)

    @inline(__always)
    private func spin(until ready: () -> Bool) -> Bool {
        if ready() { return true }
        guard spins else { return false }
        let start = nanoseconds()
        var waited = 0
        repeat {
            for _ in 0..<32 {
                if ready() { return true }
                normscope_spin_hint()
            }
            waited = nanoseconds() - start
            if waited > Self.politeAfter { sched_yield() }
        } while waited < Self.patience
        return false
    }

    private func wakeAll() {
        pthread_mutex_lock(mutex)
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    private func nanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}

private final class Place: Sendable {
    let gate: Gate
    let index: Int

    init(gate: Gate, index: Int) {
        self.gate = gate
        self.index = index
    }
}

private func live(_ place: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let place else { return nil }
    let mine = Unmanaged<Place>.fromOpaque(place).takeRetainedValue()
    mine.gate.serve(index: mine.index)
    return nil
}
