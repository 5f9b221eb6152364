import CInstructionSet
import Glibc
import Synchronization

/// What every thread of a team does, made once and run often.
///
/// The closure may touch unprotected memory: it divides its writes among the threads by the index it is given, so that no
/// two write the same place, and `ThreadTeam.run` stands between a write and a read by another thread. That discipline is
/// what `@unchecked` stands for.
package struct TeamWork: @unchecked Sendable {
    let body: (_ thread: Int) -> Void

    package init(_ body: @escaping (_ thread: Int) -> Void) { self.body = body }
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
        gate = Gate(spins: spins ?? (sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1))
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
        if members.isEmpty { return work.body(0) }
        gate.open(work)
        work.body(0)
        gate.join()
    }

    /// Lets the other threads begin with `work` and meanwhile does `own`; returns when all have finished. A team of one does
    /// one after the other.
    package func run<Value, Failure: Error>(
        _ work: TeamWork, while own: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        guard !members.isEmpty else {
            work.body(0)
            return try own()
        }
        gate.open(work)
        defer { gate.join() }
        return try own()
    }

    /// The contiguous share of `count` pieces that falls to a thread.
    @inline(__always)
    package func share(of count: Int, thread: Int) -> Range<Int> {
        (count * thread / self.count)..<(count * (thread + 1) / self.count)
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
    var members = 0

    init(spins: Bool) {
        self.spins = spins
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
        self.work = work
        finished.store(0, ordering: .relaxed)
        generation.add(1, ordering: .sequentiallyConsistent)
        if sleeping.load(ordering: .sequentiallyConsistent) > 0 { wakeAll() }
    }

    func join() {
        wait(announcing: { self.joining.store($0, ordering: .sequentiallyConsistent) }) {
            self.finished.load(ordering: .sequentiallyConsistent) == self.members
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
            work.body(index)
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
