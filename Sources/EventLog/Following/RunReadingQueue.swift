import Dispatch
import Synchronization

/// A queue of runs that have something to read, shared out among threads.
///
/// A run's reader belongs to one thread at a time: it is taken out of the list, read, and put among those that are done.
final class RunReadingQueue: Sendable {
    struct Job: Sendable {
        let path: String
        var reader: RunReader
        /// Nil if nothing was read: the time was used up before, or the directory is gone.
        var outcome: LogFollower.Outcome?
    }

    private struct Lists {
        var waiting: [Job]
        var done: [Job] = []
    }

    private let lists: Mutex<Lists>

    /// - Parameter jobs: in the order in which they should be read.
    init(_ jobs: [Job]) {
        lists = Mutex(Lists(waiting: jobs.reversed()))
    }

    /// Reads until the allowance is used up, on so many threads; answers all jobs, read or not.
    func run(threads: Int, _ allowance: Allowance) -> [Job] {
        let count = min(threads, lists.withLock { $0.waiting.count })
        if count > 1 {
            DispatchQueue.concurrentPerform(iterations: count) { _ in work(allowance) }
        } else {
            work(allowance)
        }
        return lists.withLock { $0.done + $0.waiting }
    }

    /// Every thread reads something of one run at least, so that a budget of nothing still gets through everything.
    private func work(_ allowance: Allowance) {
        var window = ReadWindow()
        while var job = lists.withLock({ $0.waiting.popLast() }) {
            var allowance = allowance
            job.outcome = try? job.reader.poll(&allowance, through: &window)
            lists.withLock { $0.done.append(job) }
            if allowance.isUsedUp { break }
        }
    }
}
