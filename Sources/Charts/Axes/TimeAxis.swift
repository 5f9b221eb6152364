import Glibc

/// The quantity of a chart's horizontal axis, which decides how its labels are written.
package enum TimeAxis: Hashable, Sendable {
    /// Whole steps: `500`, `10k`, `1.5M`.
    case step
    /// Epochs, which may be fractions.
    case epoch
    /// Seconds since the start: `30s`, `5m`, `1h30`.
    case duration
    /// Seconds since 1970, shown as the local time of a zone with an offset from UTC in seconds.
    case wallTime(utcOffset: Int)

    /// The name that stands beside the axis.
    var name: String {
        switch self {
        case .step: "step"
        case .epoch: "epoch"
        case .duration, .wallTime: "time"
        }
    }

    /// The widest label to expect, for deciding how many fit.
    var labelColumns: Int {
        switch self {
        case .step, .epoch: 5
        case .duration: 6
        case .wallTime: 8
        }
    }

    func ticks(_ range: ClosedRange<Double>, atMost count: Int) -> Ticks {
        switch self {
        case .step: return .linear(range, atMost: count, whole: true)
        case .epoch: return .linear(range, atMost: count)
        case .duration where range.upperBound - range.lowerBound < Double(count):
            let ticks = Ticks.linear(range, atMost: count)
            return Ticks(values: ticks.values, labels: ticks.labels.map { $0 + "s" })
        case .duration: return .time(range, atMost: count, label: Self.duration)
        case .wallTime(let offset):
            return .time(range, atMost: count, offset: Double(offset)) { Self.clock($0 + Double(offset), step: $1) }
        }
    }

    /// The text for a position on the axis, for a cursor.
    package func text(_ value: Double) -> String {
        switch self {
        case .step: NumberFormat.fixed(value.rounded(), decimals: 0)
        case .epoch: NumberFormat.fixed(value, decimals: 2)
        case .duration: NumberFormat.duration(value)
        case .wallTime(let offset): Self.clock(value + Double(offset), step: 1)
        }
    }

    /// `45s`, `5m`, `5m30`, `2h`, `2h30`, `3d`.
    private static func duration(_ seconds: Double, step: Double) -> String {
        let total = seconds.clamped(to: 0...1 << 50)
        let (days, hours, minutes, rest) = (total / 86_400, total / 3600, total / 60, total % 60)
        if total == 0 { return "0" }
        if total < 60 { return "\(total)s" }
        if total < 3600 { return "\(minutes)m" + (rest == 0 ? "" : NumberFormat.twoDigits(rest)) }
        if step >= 86_400, total.isMultiple(of: 86_400) { return "\(days)d" }
        return "\(hours)h" + (minutes % 60 == 0 ? "" : NumberFormat.twoDigits(minutes % 60))
    }

    /// `14:05`, `14:05:30` where the steps are seconds, `3 Mar` where they are days.
    private static func clock(_ local: Double, step: Double) -> String {
        let total = local.clamped(to: 0...1 << 40)
        let (hours, minutes, seconds) = (total / 3600 % 24, total / 60 % 60, total % 60)
        if step >= 86_400 { return date(daysSince1970: total / 86_400) }
        let text = NumberFormat.twoDigits(hours) + ":" + NumberFormat.twoDigits(minutes)
        return step < 60 ? text + ":" + NumberFormat.twoDigits(seconds) : text
    }

    private static func date(daysSince1970 days: Int) -> String {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        var seconds = time_t(days * 86_400)
        var parts = tm()
        guard gmtime_r(&seconds, &parts) != nil else { return "" }
        return "\(parts.tm_mday) " + months[Int(parts.tm_mon) % 12]
    }
}
