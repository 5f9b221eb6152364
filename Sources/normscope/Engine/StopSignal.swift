import ArgumentParser
import Glibc
import Synchronization

/// A flag set by SIGTERM and SIGINT, which the engine checks between two steps.
enum StopSignal {
    private static let arrived = Atomic(false)

    static func install() {
        arrived.store(false, ordering: .relaxed)
        for number in [SIGTERM, SIGINT] {
            signal(number) { _ in StopSignal.arrived.store(true, ordering: .relaxed) }
        }
    }

    /// Whether a signal arrived since the last call.
    static func consume() -> Bool { arrived.exchange(false, ordering: .relaxed) }
}
