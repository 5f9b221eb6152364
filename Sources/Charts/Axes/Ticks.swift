import Glibc

/// The ticks of an axis: round numbers, evenly spaced, with labels of one format.
package struct Ticks: Equatable, Sendable {
    package let values: [Double]
    package let labels: [String]

    package var labelColumns: Int { labels.map(\.count).max() ?? 0 }

    /// Multiples of 1, 2 or 5 times a power of ten within `range`: at most `count` of them, but two where two exist.
    ///
    /// - Parameter whole: only whole numbers, for an axis that counts.
    package static func linear(_ range: ClosedRange<Double>, atMost count: Int, whole: Bool = false) -> Ticks {
        let span = range.upperBound - range.lowerBound
        guard span > 0, span.isFinite, count > 0 else { return Ticks(values: [], labels: []) }
        var step = Step(atLeast: span / Double(count)).smaller
        for _ in 0..<3 where step.multiples(in: range).count > count { step = step.larger }
        for _ in 0..<3 where count >= 2 && step.multiples(in: range).count < 2 { step = step.smaller }
        if whole, step.exponent < 0 { step = Step(mantissa: 1, exponent: 0) }
        let values = step.multiples(in: range)
        return Ticks(values: values, labels: labels(values, exponent: step.exponent))
    }

    /// Powers of ten within a positive `range`; where they are too few, twice and five times them too; where they are too
    /// many, every second, third, … of them.
    package static func logarithmic(_ range: ClosedRange<Double>, atMost count: Int) -> Ticks {
        guard range.lowerBound > 0, count > 0 else { return Ticks(values: [], labels: []) }
        let decades = log10(range.upperBound / range.lowerBound)
        let exponents = Int(log10(range.lowerBound).rounded(.down))...Int(log10(range.upperBound).rounded(.up))
        for mantissas in [[1.0, 2, 5], [1, 3], [1]] {
            let values = exponents.flatMap { e in mantissas.map { $0 * pow(10, Double(e)) } }.filter(range.contains)
            if values.count <= count, values.count >= 2 { return Ticks(values: values, labels: values.map(plain)) }
        }
        if decades < 1 { return linear(range, atMost: count) }
        let stride = Int((decades / Double(count)).rounded(.up))
        let values = exponents.filter { $0.isMultiple(of: max(1, stride)) }.map { pow(10, Double($0)) }
        let kept = values.filter(range.contains)
        return Ticks(values: kept, labels: kept.map(plain))
    }

    /// Steps of seconds, minutes, hours and days within a range of seconds, labelled by `label`.
    static func time(
        _ range: ClosedRange<Double>, atMost count: Int, offset: Double = 0,
        label: (_ seconds: Double, _ step: Double) -> String
    ) -> Ticks {
        let span = range.upperBound - range.lowerBound
        guard span > 0, span.isFinite, count > 0 else { return Ticks(values: [], labels: []) }
        let days = 86_400 * Step(atLeast: span / Double(count) / 86_400).size
        let step = clockSteps.first { span / $0 <= Double(count) } ?? days
        let first = ((range.lowerBound + offset) / step).rounded(.up)
        let last = ((range.upperBound + offset) / step).rounded(.down)
        guard first <= last else { return Ticks(values: [], labels: []) }
        let values = stride(from: first, through: last, by: 1).prefix(1000).map { $0 * step - offset }
        return Ticks(values: values, labels: values.map { label($0, step) })
    }

    private static let clockSteps: [Double] = [
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
    ]

    /// Labels with the same unit and the same number of decimals, as many as tell neighbours apart.
    private static func labels(_ values: [Double], exponent: Int) -> [String] {
        let size = values.map(abs).max() ?? 0
        if size >= 1e15 || (size < 1e-3 && size > 0) {
            let digits = max(0, Int(log10(size).rounded(.down)) - exponent)
            return values.map { $0 == 0 ? "0" : shortExponent($0, decimals: min(digits, 8)) }
        }
        let units: [(Double, Int, String)] = [(1e12, 12, "T"), (1e9, 9, "G"), (1e6, 6, "M"), (1e4, 3, "k")]
        let unit = units.first { size >= $0.0 } ?? (1, 0, "")
        let decimals = max(0, unit.1 - exponent)
        return values.map {
            $0 == 0 ? "0" : NumberFormat.fixed($0 / pow(10, Double(unit.1)), decimals: decimals) + unit.2
        }
    }

    /// One number alone: `0.001`, `50`, `20k`, `2e-7`.
    private static func plain(_ value: Double) -> String {
        let exponent = Int(log10(abs(value)).rounded(.down))
        return exponent < -3 ? shortExponent(value, decimals: 0) : labels([value], exponent: exponent)[0]
    }

    /// `2.5e-5`: an exponent without the zero that C puts before it.
    private static func shortExponent(_ value: Double, decimals: Int) -> String {
        let parts = NumberFormat.scientific(value, decimals: decimals).split(separator: "e")
        guard parts.count == 2, let exponent = Int(parts[1]) else { return NumberFormat.compact(value) }
        return "\(parts[0])e\(exponent)"
    }
}

/// The distance between ticks: 1, 2 or 5 times a power of ten, stored in two parts so that multiples are exact.
private struct Step {
    let mantissa: Int
    let exponent: Int

    init(mantissa: Int, exponent: Int) {
        self.mantissa = mantissa
        self.exponent = exponent
    }

    /// The smallest step of at least `size`.
    init(atLeast size: Double) {
        let exponent = Int(log10(max(size, 1e-300)).rounded(.down))
        let mantissa = size / pow(10, Double(exponent))
        let next = [1, 2, 5].first { Double($0) >= mantissa * (1 - 1e-9) }
        self.init(mantissa: next ?? 1, exponent: next == nil ? exponent + 1 : exponent)
    }

    var larger: Step {
        switch mantissa {
        case 1: Step(mantissa: 2, exponent: exponent)
        case 2: Step(mantissa: 5, exponent: exponent)
        default: Step(mantissa: 1, exponent: exponent + 1)
        }
    }

    var smaller: Step {
        switch mantissa {
        case 1: Step(mantissa: 5, exponent: exponent - 1)
        case 2: Step(mantissa: 1, exponent: exponent)
        default: Step(mantissa: 2, exponent: exponent)
        }
    }

    var size: Double { value(1) }

    private func value(_ multiple: Double) -> Double {
        let whole = multiple * Double(mantissa)
        return exponent < 0 ? whole / pow(10, Double(-exponent)) : whole * pow(10, Double(exponent))
    }

    func multiples(in range: ClosedRange<Double>) -> [Double] {
        let first = (range.lowerBound / size - 1e-9).rounded(.up)
        let last = (range.upperBound / size + 1e-9).rounded(.down)
        guard first <= last, abs(first) < 1e15, abs(last) < 1e15 else { return [] }
        return stride(from: first, through: last, by: 1).prefix(1000).map { value($0 == 0 ? 0 : $0) }
    }
}
