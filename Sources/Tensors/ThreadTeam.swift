import CInstructionSet
import Glibc
import Synchronization

/// What a team does together, made once and run often.
///
/// The closure may touch unprotected memory: it divides its writes by the index it is given, so that no two write the same
/// place, and `ThreadTeam.run` stands between a write and a read by another thread. That discipline is what `@unchecked`
/// stands for.
package struct TeamWork: @unchecked Sendable {
    fileprivate enum Kind {
        case threads((_ thread: Int) -> Void)
        case pieces(count: () -> Int, helping: Bool, (_ piece: Int, _ thread: Int) -> Void)
    }

    fileprivate let kind: Kind

    /// Something that every thread does once.
    package init(_ body: @escaping (_ thread: Int) -> Void) { kind = .threads(body) }

    /// `count` pieces, each of which some thread does: a thread goes through its share of neighbouring pieces from the
    /// front, the same in every work of as many pieces, so that it finds in its cache what it left there; when done it
    /// takes from the back of the others' shares, because one core may be much slower than another.
    ///
    /// - Parameter helping: false where a piece is done sooner than its memory comes from another core's cache. Then every
    ///   thread does its own share and no more.
    package init(
        pieces count: @autoclosure @escaping () -> Int, helping: Bool = true,
        _ body: @escaping (_ piece: Int, _ thread: Int) -> Void
    ) {
        kind = .pieces(count: count, helping: helping, body)
    }
}

/// Threads that carry out one piece of work together, again and again: fork, work, join.
///
/// The calling thread is thread 0. The others spin for about 100 µs after a piece of work, because the next one usually
/// follows at once (a join then costs about 0.2 µs instead of tens), and sleep after that, so that a paused program takes
/// no processor time. With a single processor nobody spins. They end when the team is released.
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
        gate.perform(work, thread: 0)
        gate.join()
    }

    /// Lets the other threads begin with `work` and meanwhile does `own`; returns when all have finished. A team of one does
    /// one after the other.
    package func run<Value, Failure: Error>(
        _ work: TeamWork, while own: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        gate.open(work)
        defer { gate.join() }
        if members.isEmpty { gate.perform(work, thread: 0) }
        return try own()
    }
}

/// The pieces that are left of each thread's share: a range that its thread shortens at the front and others at the back.
private final class Shares: @unchecked Sendable {
    private var threads: Int
    private let capacity: Int
    /// One in each line of the cache: the first piece, and the one after the last above it.
    private let ranges: UnsafeMutablePointer<Atomic<UInt64>>
    private static let distance = 8

    init(threads: Int) {
        self.threads = threads
        capacity = threads
        ranges = .allocate(capacity: threads * Self.distance)
        for index in 0..<(threads * Self.distance) { (ranges + index).initialize(to: Atomic(0)) }
    }

    deinit {
        ranges.deinitialize(count: capacity * Self.distance)
        ranges.deallocate()
    }

    /// Before a work begins: every thread gets as many neighbouring pieces.
    func divide(_ count: Int, among threads: Int) {
        self.threads = threads
        for thread in 0..<threads {
            let range = Self.range(of: thread, among: threads, count)
            ranges[thread * Self.distance].store(
                UInt64(range.lowerBound) | UInt64(range.upperBound) << 32, ordering: .relaxed)
        }
    }

    static func range(of thread: Int, among threads: Int, _ count: Int) -> Range<Int> {
        (count * thread / threads)..<(count * (thread + 1) / threads)
    }

    /// The next piece for a thread, or nil when all are taken.
    func take(_ thread: Int) -> Int? {
        if let piece = take(from: thread, first: true) { return piece }
        for distance in 1..<threads {
            if let piece = take(from: (thread + distance) % threads, first: false) { return piece }
        }
        return nil
    }

    private func take(from thread: Int, first: Bool) -> Int? {
        let place = ranges + thread * Self.distance
        var range = place.pointee.load(ordering: .relaxed)
        while true {
            let (next, end) = (range & 0xffff_ffff, range >> 32)
            guard next < end else { return nil }
            let left = first ? (next + 1) | end << 32 : next | (end - 1) << 32
            let (exchanged, original) = place.pointee.compareExchange(
                expected: range, desired: left, ordering: .relaxed)
            if exchanged { return Int(first ? next : end - 1) }
            range = original
        }
    }
}

/// Where the members of a team wait for work and the caller waits for them.
///
/// `generation` counts pieces of work, `finished` the members that are done with the present one. `sleeping` and
/// `joining` say who sleeps on the condition; a waker looks at them after its own sequentially consistent update, and a
/// sleeper looks at the update again after announcing itself, so that no wake-up is lost.
private final class Gate: @unchecked Sendable {
    private let generation = Atomic<Int>(0)
    private let finished = Atomic<Int>(0)
    private let sleeping = Atomic<Int>(0)
    private let joining = Atomic<Bool>(false)
    private var work: TeamWork?
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let spins: Bool
    private let shares: Shares
    var members = 0

    init(threads: Int, spins: Bool) {
        self.spins = spins
        shares = Shares(threads: threads)
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
        if case .pieces(let count, helping: true, _) = work?.kind { shares.divide(count(), among: members + 1) }
        guard members > 0 else { return }
        self.work = work
        finished.store(0, ordering: .relaxed)
        generation.add(1, ordering: .sequentiallyConsistent)
        if sleeping.load(ordering: .sequentiallyConsistent) > 0 { wakeAll() }
    }

    func join() {
        guard members > 0 else { return }
        wait(announcing: { self.joining.store($0, ordering: .sequentiallyConsistent) }) {
            self.finished.load(ordering: .sequentiallyConsistent) == self.members
        }
    }

    /// A thread's part of the work.
    func perform(_ work: TeamWork, thread: Int) {
        switch work.kind {
        case .threads(let body): body(thread)
        case .pieces(_, helping: true, let body): while let piece = shares.take(thread) { body(piece, thread) }
        case .pieces(let count, helping: false, let body):
            for piece in Shares.range(of: thread, among: members + 1, count()) { body(piece, thread) }
        }
    }

    /// A member's life: wait, work, report.
    func serve(index: Int) {
        var seen = 0
        while true {
            let last = seen
            wait(announcing: { self.sleeping.add($0 ? 1 : -1, ordering: .sequentiallyConsistent) }) {
                self.generation.load(ordering: .sequentiallyConsistent) != last
            }
            seen += 1
            guard let work else { return }
            perform(work, thread: index)
            finished.add(1, ordering: .sequentiallyConsistent)
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

    @inline(__always)
    private func spin(until ready: () -> Bool) -> Bool {
        if ready() { return true }
        guard spins else { return false }
        let end = nanoseconds() + 100_000
        repeat {
            for _ in 0..<32 {
                if ready() { return true }
                normscope_spin_hint()
            }
        } while nanoseconds() < end
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
