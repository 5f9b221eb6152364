import Glibc

/// A clock for the engine: the machine's, or one that a test holds in its hands.
package struct Clock: Sendable {
    /// Seconds since 1970.
    package let now: @Sendable () -> Double
    package let sleep: @Sendable (_ seconds: Double) -> Void

    package init(now: @escaping @Sendable () -> Double, sleep: @escaping @Sendable (Double) -> Void) {
        self.now = now
        self.sleep = sleep
    }

    package static let machine = Clock(
        now: {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
        },
        sleep: { seconds in
            var rest = timespec(tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1e9))
            nanosleep(&rest, nil)
        })
}

extension Clock {
    /// Seconds by which the clock on the wall of this machine is ahead of UTC now.
    package static var utcOffset: Int {
        var seconds = time(nil)
        var parts = tm()
        localtime_r(&seconds, &parts)
        return parts.tm_gmtoff
    }
}
