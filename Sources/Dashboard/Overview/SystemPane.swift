import Canvas
import Charts
import EventLog
import Runs

/// The pane with the load of the training machine, from the newest values in the log: first the process, then a line
/// for each GPU, as many as fit.
struct SystemPane {
    private typealias Part = (label: String, value: String)
    private let lines: [[Part]]
    /// Whether the values are current; those of a run that is not training are dimmed.
    private let isLive: Bool

    init(_ run: RunSnapshot) {
        isLive = run.isTraining
        let reading = SystemReading(run.log)
        let process = [
            reading.value(Tag.System.processProcessors).map { Part("cpu", Self.percent($0)) },
            reading.value(Tag.System.processMemory).map { Part("mem", Self.bytes(mebibytes: $0)) },
        ].compactMap { $0 }
        let machine = [
            reading.value(Tag.System.processors).map { Part("machine", Self.percent($0)) },
            reading.value(Tag.System.memory).map { Part("mem", Self.percent($0)) },
        ].compactMap { $0 }
        let gpus = reading.gpus.map { gpu in
            [
                reading.value(Tag.System.gpu(gpu, "utilization_percent")).map { Part("gpu\(gpu)", Self.percent($0)) },
                reading.value(Tag.System.gpu(gpu, "memory_percent")).map { Part("mem", Self.percent($0)) },
                reading.value(Tag.System.gpu(gpu, "temperature_celsius")).map { Part("", Self.rounded($0) + "°C") },
                reading.value(Tag.System.gpu(gpu, "power_watts")).map { Part("", Self.rounded($0) + " W") },
            ].compactMap { $0 }
        }
        // Of one without a GPU the whole machine says more; with one there is more to say than room for it.
        lines = ([process] + gpus + [machine]).filter { !$0.isEmpty }
    }

    /// Whether a scalar is about the machine, not about training.
    static func shows(_ tag: String) -> Bool { tag.hasPrefix(Tag.System.group) }

    /// The rows that it takes of a pane, at most half of them.
    func rows(of pane: Rect) -> Int { min(lines.count, pane.rows / 2) }

    func draw(into frame: inout Frame, in rect: Rect) {
        for (row, parts) in lines.prefix(rect.rows).enumerated() {
            draw(parts, row: row, into: &frame, in: rect)
        }
        guard lines.count > rect.rows, rect.rows > 0 else { return }
        let rest = " +\(lines.count - rect.rows)"
        frame.write(rest, row: rect.rows - 1, column: max(0, rect.columns - rest.columns), in: rect, .dim)
    }

    private func draw(_ parts: [Part], row: Int, into frame: inout Frame, in rect: Rect) {
        var column = 0
        // Where not all of it fits, the memory of a GPU goes first.
        let fits = Self.columns(of: parts) <= rect.columns
        let shown = fits || parts.count < 3 ? parts : parts.filter { $0.label != "mem" }
        for part in shown {
            let width = Self.columns(of: [part])
            guard column + width <= rect.columns else { return }
            if !part.label.isEmpty { column = frame.write(part.label + " ", row: row, column: column, in: rect, .dim) }
            column = frame.write(part.value, row: row, column: column, in: rect, isLive ? .text : .dim) + 2
        }
    }

    private static func columns(of parts: [Part]) -> Int {
        parts.reduce(-2) { $0 + 2 + ($1.label.isEmpty ? 0 : $1.label.columns + 1) + $1.value.columns }
    }

    private static func percent(_ value: Double) -> String { rounded(value) + "%" }
    private static func rounded(_ value: Double) -> String { NumberFormat.fixed(value, decimals: 0) }
    private static func bytes(mebibytes: Double) -> String {
        NumberFormat.bytes(Int(exactly: (mebibytes * 1_048_576).rounded()) ?? 0)
    }
}

/// The newest values under the tags `system/`.
private struct SystemReading {
    private let log: LogSnapshot

    init(_ log: LogSnapshot) { self.log = log }

    func value(_ tag: String) -> Double? {
        log.scalars[tag]?.last.map { Double($0.value) }.flatMap { $0.isFinite ? $0 : nil }
    }

    /// The numbers of the GPUs, ascending.
    var gpus: [Int] {
        let prefix = Tag.System.gpuPrefix
        let numbers = log.scalars.tags.lazy.filter { $0.hasPrefix(prefix) }
            .compactMap { $0.dropFirst(prefix.count).split(separator: ".").first.flatMap { Int($0) } }
        return Set(numbers).sorted()
    }
}
