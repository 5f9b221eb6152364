import Glibc

/// A buffer for a stretch of a file, used again and again. Half a megabyte, to stay in a core's cache; larger only
/// while a record needs it.
struct ReadWindow: ~Copyable {
    static let usualCapacity = 1 << 19

    private let firstCapacity: Int
    private var memory: UnsafeMutableRawBufferPointer
    private var count = 0

    init(capacity: Int = ReadWindow.usualCapacity) {
        firstCapacity = max(capacity, RecordFraming.overhead)
        memory = .allocate(byteCount: firstCapacity, alignment: 64)
    }

    deinit {
        memory.deallocate()
    }

    var capacity: Int { memory.count }
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

    /// Fills itself with what stands at `offset`; answers how many bytes there were, or −1 (see errno).
    mutating func fill(from file: Int32, at offset: Int) -> Int {
        count = 0
        while count < memory.count {
            let read = pread(file, memory.baseAddress! + count, memory.count - count, offset + count)
            if read < 0 && errno == EINTR { continue }
            if read < 0 { return -1 }
            if read == 0 { break }
            count += read
        }
        return count
    }

    mutating func grow(to capacity: Int) {
        resize(to: capacity)
    }

    mutating func shrink() {
        if memory.count > firstCapacity { resize(to: firstCapacity) }
    }

    private mutating func resize(to capacity: Int) {
        memory.deallocate()
        memory = .allocate(byteCount: capacity, alignment: 64)
        count = 0
    }
}

/// The limit of what a poll may do before it returns, so that a picture can be drawn while a large log is still being
/// read.
package enum PollBudget: Sendable {
    case everything
    case bytes(Int)
    case time(Duration)
    /// Looks at all files, so that their ages and sizes are known, and reads none.
    case looking
}

/// The rest of a budget.
struct Allowance {
    private var bytes = Int.max
    private var deadline: ContinuousClock.Instant?
    private(set) var mayRead = true

    init(_ budget: PollBudget) {
        switch budget {
        case .everything: break
        case .bytes(let bytes): self.bytes = bytes
        case .time(let time): deadline = .now + time
        case .looking: mayRead = false
        }
    }

    mutating func spend(_ count: Int) {
        bytes -= count
    }

    var isUsedUp: Bool {
        if bytes <= 0 { return true }
        guard let deadline else { return false }
        return ContinuousClock.now >= deadline
    }
}
