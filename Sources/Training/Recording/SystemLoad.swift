import Files
import Glibc
import Runs

/// The load of the machine and of this process, from `/proc`; nothing where there is none.
struct SystemLoad {
    /// Clock ticks since their beginnings: of all processors, of those what was idle, and of this process with the
    /// children that it has waited for.
    private struct Ticks {
        let all: Double
        let idle: Double
        let process: Double
        /// Seconds on a clock that doesn't go back.
        let at: Double
    }

    private static let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
    private static let mebibyte = Double(1 << 20)
    private static let fileLimit = 1 << 16
    private var before = Self.ticks()

    /// The values to log now, by tag. Shares of time are those since the last call.
    mutating func sample() -> [(tag: String, value: Double)] {
        var found: [(String, Double)] = []
        if let before, let now = Self.ticks(), now.at > before.at, now.all > before.all {
            let busy = 1 - (now.idle - before.idle) / (now.all - before.all)
            let own = (now.process - before.process) / Self.ticksPerSecond / (now.at - before.at)
            found.append((Tag.System.processors, 100 * min(1, max(0, busy))))
            found.append((Tag.System.processProcessors, 100 * max(0, own)))
            self.before = now
        }
        if let share = Self.memoryShare { found.append((Tag.System.memory, 100 * share)) }
        if let resident = Self.residentBytes { found.append((Tag.System.processMemory, resident / Self.mebibyte)) }
        return found
    }

    /// `cpu user nice system idle iowait irq softirq steal …`; and fields 14 to 17 of the process's line, counted from
    /// the `)` behind its name.
    private static func ticks() -> Ticks? {
        guard let machine = text("/proc/stat")?.split(separator: "\n").first?.split(separator: " "),
            let process = text("/proc/self/stat").flatMap({ line in
                line.lastIndex(of: ")").map { line[$0...].split(separator: " ") }
            }), machine.count > 8, process.count > 15
        else { return nil }
        let numbers = machine[1...8].compactMap(Double.init)
        let own = process[12...15].compactMap(Double.init)
        guard numbers.count == 8, own.count == 4 else { return nil }
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Ticks(
            all: numbers.reduce(0, +), idle: numbers[3] + numbers[4], process: own.reduce(0, +),
            at: Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9)
    }

    /// The share of the machine's memory that is not available.
    private static var memoryShare: Double? {
        guard let lines = text("/proc/meminfo")?.split(separator: "\n") else { return nil }
        func kilobytes(_ name: String) -> Double? {
            lines.first { $0.hasPrefix(name + ":") }?.split(separator: " ").dropFirst().first.flatMap { Double($0) }
        }
        guard let all = kilobytes("MemTotal"), let free = kilobytes("MemAvailable"), all > 0 else { return nil }
        return 1 - free / all
    }

    private static var residentBytes: Double? {
        text("/proc/self/statm")?.split(separator: " ").dropFirst().first.flatMap { Double($0) }
            .map { $0 * Double(sysconf(Int32(_SC_PAGESIZE))) }
    }

    private static func text(_ path: String) -> String? {
        ((try? WholeFile.read(path, limit: fileLimit)) ?? nil).map { String(decoding: $0, as: UTF8.self) }
    }
}
