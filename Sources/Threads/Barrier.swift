import Glibc
import Synchronization

/// The point at which the members of a team wait for a job and the caller waits for them.
///
/// Each member has a cache line on which the caller leaves the number of the job, and with it all that the member has to know;
/// on another line it answers with that number when done. `sleeping` and `joining` say who sleeps on the condition; a waker
/// looks at them after its own sequentially consistent update, and a sleeper looks at the update again after announcing
/// itself, so that no wake-up is lost.
final class Barrier: @unchecked Sendable {
    private let orders: PaddedAtomics
    private let answers: PaddedAtomics
    private let sleeping = Atomic<Int>(0)
    private let joining = Atomic<Bool>(false)
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let spins: Bool
    /// Nanoseconds for which a thread spins before it sleeps.
    private static let patience = 1_000_000
    private let progress: JobProgress
    /// How many jobs there have been, how many of them with helping threads, and the present one: the caller's alone.
    private var number: UInt64 = 0
    private var round = 0
    private var job = JobInfo(pieces: 0, threads: 1, round: 0)
    var members = 0

    init(threads: Int, spins: Bool) {
        self.spins = spins
        progress = JobProgress(threads: threads)
        orders = PaddedAtomics(count: threads)
        answers = PaddedAtomics(count: threads)
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
        let member = Unmanaged.passRetained(TeamMember(barrier: self, index: index))
        var thread = pthread_t()
        let status = pthread_create(&thread, nil, runMember, member.toOpaque())
        if status != 0 { member.release() }
        return status == 0 ? thread : nil
    }

    /// Lets the members begin with a job; with nil they end.
    func open(_ next: ParallelJob?) {
        if next?.division == .helping { round += 1 }
        job = JobInfo(pieces: next?.count() ?? 0, threads: members + 1, round: round)
        guard members > 0 else { return }
        number += 1
        let address = next.map { UInt64(UInt(bitPattern: Unmanaged.passUnretained($0).toOpaque())) } ?? 0
        for member in 1...members {
            orders.word(member, 1).pointee.store(address, ordering: .relaxed)
            orders.word(member, 2).pointee.store(UInt64(job.pieces), ordering: .relaxed)
            orders.word(member, 3).pointee.store(UInt64(round), ordering: .relaxed)
            orders.word(member).pointee.store(number, ordering: .sequentiallyConsistent)
        }
        if sleeping.load(ordering: .sequentiallyConsistent) > 0 { wakeAll() }
    }

    /// The caller's part of the job.
    func perform(_ present: ParallelJob) { present.perform(0, of: job, progress) }

    /// Waits until all members have done their part.
    func join() {
        guard members > 0 else { return }
        for member in 1...members {
            let answer = answers.word(member)
            wait(announcing: { self.joining.store($0, ordering: .sequentiallyConsistent) }) {
                answer.pointee.load(ordering: .sequentiallyConsistent) == self.number
            }
        }
    }

    /// A member's loop: wait, work, report.
    fileprivate func serve(index: Int) {
        let order = orders.word(index), answer = answers.word(index)
        var seen: UInt64 = 0
        while true {
            wait(announcing: { self.sleeping.add($0 ? 1 : -1, ordering: .sequentiallyConsistent) }) {
                order.pointee.load(ordering: .sequentiallyConsistent) != seen
            }
            seen += 1
            let address = orders.word(index, 1).pointee.load(ordering: .relaxed)
            guard let next = UnsafeRawPointer(bitPattern: UInt(address)) else { return }
            let own = JobInfo(
                pieces: Int(orders.word(index, 2).pointee.load(ordering: .relaxed)), threads: members + 1,
                round: Int(orders.word(index, 3).pointee.load(ordering: .relaxed)))
            // The caller holds it until all have answered; to count references here would move their count between cores.
            Unmanaged<ParallelJob>.fromOpaque(next)._withUnsafeGuaranteedRef {
                $0.perform(index, of: own, progress)
            }
            answer.pointee.store(seen, ordering: .sequentiallyConsistent)
            if joining.load(ordering: .sequentiallyConsistent) { wakeAll() }
        }
    }

    @inline(__always)
    private func wait(announcing announce: (Bool) -> Void, until ready: () -> Bool) {
        if spins ? SpinWait.wait(patience: Self.patience, until: ready) : ready() { return }
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

/// What a new thread is given: its barrier, and its number in the team.
private final class TeamMember: Sendable {
    let barrier: Barrier
    let index: Int

    init(barrier: Barrier, index: Int) {
        self.barrier = barrier
        self.index = index
    }
}

/// The main function of a member's thread.
private func runMember(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let member = Unmanaged<TeamMember>.fromOpaque(argument).takeRetainedValue()
    member.barrier.serve(index: member.index)
    return nil
}
