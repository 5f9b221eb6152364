import Glibc

/// Formatting of numbers as short text whose width hardly changes with the value, so that a live screen does not
/// jitter.
package enum NumberFormat {
    /// Four significant digits in at most seven columns: `0.0500`, `1.2e-05`, `2.303`, `938`, `12.3k`, `NaN`, `-inf`.
    package static func compact(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-inf" : "inf" }
        let size = abs(value)
        switch size {
        case 0: return "0"
        case ..<0.00095: return scientific(value, decimals: 1)
        case ..<0.99995: return fixed(value, decimals: 4)
        case ..<9.9995: return fixed(value, decimals: 3)
        case ..<9999.5:
            if value == value.rounded() { return fixed(value, decimals: 0) }
            return fixed(value, decimals: size < 99.995 ? 2 : size < 999.95 ? 1 : 0)
        default: return scaled(value)
        }
    }

    /// A whole number in at most six columns: `7`, `938`, `9380`, `12.3k`, `1.23M`.
    package static func count(_ value: Int) -> String { abs(value) < 10 ? "\(value)" : compact(Double(value)) }

    /// A number with its noun: `1 run`, `12 runs`, `12.3k points`.
    package static func count(_ value: Int, of noun: String) -> String {
        count(value) + " " + noun + (value == 1 ? "" : "s")
    }

    /// A size in decimal units, as `ls --si` counts: `660 kB`, `1.9 MB`.
    package static func bytes(_ count: Int) -> String {
        let units: [(Double, String)] = [(1e9, "GB"), (1e6, "MB"), (1e3, "kB")]
        guard let unit = units.first(where: { Double(count) >= $0.0 }) else { return "\(count) B" }
        let value = Double(count) / unit.0
        return fixed(value, decimals: value < 10 ? 1 : 0) + " " + unit.1
    }

    /// A duration in two units at most: `0.4s`, `12s`, `3m 07s`, `1h 02m`, `2d 03h`.
    package static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, abs(seconds) < 1e12 else { return seconds.isNaN ? "NaN" : "inf" }
        guard seconds >= 0 else { return "-" + duration(-seconds) }
        if seconds < 9.95 { return fixed(seconds, decimals: 1) + "s" }
        let whole = Int(seconds.rounded())
        switch whole {
        case ..<60: return "\(whole)s"
        case ..<3600: return "\(whole / 60)m " + twoDigits(whole % 60) + "s"
        case ..<86_400: return "\(whole / 3600)h " + twoDigits(whole % 3600 / 60) + "m"
        default: return "\(whole / 86_400)d " + twoDigits(whole % 86_400 / 3600) + "h"
        }
    }

    /// `decimals` digits after the point, rounded to nearest; never `-0.00`.
    package static func fixed(_ value: Double, decimals: Int) -> String {
        let text = printed("%.*f", Int32(max(0, decimals)), value)
        let isZero = text.allSatisfy { $0 == "-" || $0 == "." || $0 == "0" }
        return isZero && text.hasPrefix("-") ? String(text.dropFirst()) : text
    }

    /// `decimals` digits in the mantissa and an exponent of two: `1.2e-05`.
    package static func scientific(_ value: Double, decimals: Int) -> String {
        printed("%.*e", Int32(max(0, decimals)), value)
    }

    static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static let units: [(size: Double, letter: String)] = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")]

    private static func scaled(_ value: Double) -> String {
        let size = abs(value)
        guard size < 999.5e12 else { return scientific(value, decimals: 1) }
        let unit = units.first { size >= $0.size * 0.9995 } ?? (1e3, "k")
        let number = size / unit.size
        let decimals = number < 9.995 ? 2 : number < 99.95 ? 1 : 0
        return fixed(value / unit.size, decimals: decimals) + unit.letter
    }

    private static func printed(_ format: String, _ decimals: Int32, _ value: Double) -> String {
        withVaList([decimals, value]) { arguments in
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
                let length = vsnprintf(buffer.baseAddress, buffer.count, format, arguments)
                let kept = buffer.prefix(max(0, min(Int(length), buffer.count - 1)))
                return String(decoding: kept.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            }
        }
    }
}
