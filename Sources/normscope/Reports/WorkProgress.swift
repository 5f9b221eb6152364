import Glibc
import Synchronization

/// The progress of a long piece of work, as a line on standard error.
final class WorkProgress: Sendable {
    private let line = StatusLine()
    private let what: String
    private let total: Int
    private let done = Atomic(0)

    /// - Parameters:
    ///   - what: such as `reading model.pth`.
    ///   - total: bytes, or whatever `add` counts in.
    init(_ what: String, total: Int) {
        self.what = what.printable
        self.total = max(total, 1)
    }

    func add(_ count: Int) {
        let sum = done.wrappingAdd(count, ordering: .relaxed).newValue
        show(Double(sum) / Double(total))
    }

    func show(_ fraction: Double) {
        line.show { "\(what) … \(Int(max(0, min(1, fraction)) * 100)) %" }
    }

    func end() { line.clear() }
}
