import CInstructionSet
import Glibc

/// A wait without sleep, for something that another thread is about to do.
enum SpinWait {
    /// Nanoseconds after which others get the core between two looks.
    private static let politeAfter = 100_000

    /// Looks again and again until `ready`, or until `patience` nanoseconds have passed; returns whether it is ready.
    @inline(__always)
    @discardableResult
    static func wait(patience: Int = .max, until ready: () -> Bool) -> Bool {
        if ready() { return true }
        let start = nanoseconds()
        var waited = 0
        repeat {
            for _ in 0..<32 {
                if ready() { return true }
                normscope_spin_hint()
            }
            waited = nanoseconds() - start
            if waited > politeAfter { sched_yield() }
        } while waited < patience
        return false
    }

    private static func nanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
