import Glibc
import Synchronization

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
    /// Nanoseconds.
    private static let patience = 1_000_000
    private let left: WorkLeft
    /// The caller's alone.
    private var number: UInt64 = 0
    private var round = 0
    private var order = Order(pieces: 0, threads: 1, round: 0)
    var members = 0

    init(threads: Int, spins: Bool) {
        self.spins = spins
        left = WorkLeft(threads: threads)
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
    func perform(_ work: TeamWork) { work.perform(0, of: order, left) }

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
                $0.perform(index, of: own, left)
            }
            answer.pointee.store(seen, ordering: .sequentiallyConsistent)
            if joining.load(ordering: .sequentiallyConsistent) { wakeAll() }
        }
    }

    @inline(__always)
    private func wait(announcing announce: (Bool) -> Void, until ready: () -> Bool) {
        if spins ? Spin.wait(patience: Self.patience, until: ready) : ready() { return }
        pthread_mutex_lock(mutex)
        announce(true)
        while !ready() { pthread_cond_wait(condition, mutex) }
        announce(false)
        pthread_mutex_unlock(mutex)
    }

    private func wakeAll() {
        pthread_mutex_lock(mutex)
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
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
