import Glibc

/// A fixed number of threads that carry out one job together, again and again: fork, work, join.
///
/// The calling thread is thread 0. The others spin after a job, because the next one usually follows at once (a join then costs
/// about 0.2 µs instead of tens). After 100 µs they let others have the core between two looks, and after 1 ms they sleep, so
/// that a paused program takes no processor time. With a single processor nobody spins. They end when the team is released.
///
/// Not a queue: `run` is called by one thread at a time and returns when all have finished.
package final class ThreadTeam {
    package let count: Int
    private let barrier: Barrier
    private var members: [pthread_t] = []

    /// - Parameter spins: whether to spin before sleeping; nil decides by the number of processors.
    package init(threads: Int, spins: Bool? = nil) {
        precondition(threads > 0, "a team has at least one thread")
        barrier = Barrier(threads: threads, spins: spins ?? (sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1))
        var started = 1
        while started < threads, let member = barrier.startThread(index: started) {
            members.append(member)
            started += 1
        }
        count = started
        barrier.members = started - 1
    }

    deinit {
        barrier.open(nil)
        for member in members { pthread_join(member, nil) }
    }

    package func run(_ job: ParallelJob) {
        barrier.open(job)
        barrier.perform(job)
        barrier.join()
    }

    /// Lets the other threads begin with `job` and meanwhile does `own`; returns when all have finished. A team of one does
    /// one after the other.
    package func run<Value, Failure: Error>(
        _ job: ParallelJob, while own: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        barrier.open(job)
        defer { barrier.join() }
        if members.isEmpty { barrier.perform(job) }
        return try own()
    }
}
