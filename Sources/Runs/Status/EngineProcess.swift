import Files
import Glibc

/// The identity of an engine's process: not its number alone, which another process may get later, but also the moment
/// it started and the boot of the machine that number belongs to.
package struct EngineProcess: Equatable, Sendable {
    package let pid: Int32
    package let host: String
    /// Clock ticks from the boot to the process's start, field 22 of `/proc/PID/stat`; 0 if unknown.
    package let startTicks: UInt64
    /// The kernel's random name for this boot; empty if unknown.
    package let boot: String

    package init(pid: Int32, host: String, startTicks: UInt64 = 0, boot: String = "") {
        self.pid = pid
        self.host = host
        self.startTicks = startTicks
        self.boot = boot
    }

    /// The process that calls this.
    package static func current() -> EngineProcess {
        running(pid: getpid())
    }

    /// The process of this machine that has the number `pid` now.
    package static func running(pid: Int32) -> EngineProcess {
        EngineProcess(
            pid: pid, host: hostName, startTicks: ProcessState(pid: pid)?.startTicks ?? 0, boot: bootName)
    }

    package enum Liveness: Equatable, Sendable {
        case alive
        case dead
        /// It runs, or ran, on another machine, where only that machine can look.
        case unknown(host: String)
    }

    /// Whether the process still runs; O(1), two system calls and one read of `/proc`.
    package var liveness: Liveness {
        guard host == Self.hostName else { return .unknown(host: host) }
        guard boot.isEmpty || Self.bootName.isEmpty || boot == Self.bootName else { return .dead }
        guard pid > 0, kill(pid, 0) == 0 || errno == EPERM else { return .dead }
        // Without /proc, what kill says has to do.
        guard let state = ProcessState(pid: pid) else { return .alive }
        guard !state.isFinished else { return .dead }
        return startTicks == 0 || state.startTicks == startTicks ? .alive : .dead
    }

    private static let hostName: String = {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }()

    private static let bootName: String = {
        let bytes = try? WholeFile.read("/proc/sys/kernel/random/boot_id", limit: 4096)
        return String(decoding: (bytes ?? nil) ?? [], as: UTF8.self).filter { !$0.isNewline }
    }()
}

/// The state of a process: two fields of `/proc/PID/stat`.
private struct ProcessState {
    /// A zombie or dead: it has a number still, but runs no more.
    let isFinished: Bool
    let startTicks: UInt64

    /// The line is `PID (NAME) STATE …`, and NAME may hold anything, so the fields are counted from the last `)`.
    init?(pid: Int32) {
        guard let bytes = try? WholeFile.read("/proc/\(pid)/stat", limit: 64 * 1024),
            let end = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 19, let ticks = UInt64(String(decoding: fields[19], as: UTF8.self)) else { return nil }
        isFinished = [UInt8(ascii: "Z"), UInt8(ascii: "X"), UInt8(ascii: "x")].contains(fields[0].first ?? 0)
        startTicks = ticks
    }
}
