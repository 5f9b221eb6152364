import Testing

@testable import Charts

@Suite struct NumberFormatTests {
    @Test(arguments: [
        (0, "0"), (0.05, "0.0500"), (1.2e-5, "1.2e-05"), (938, "938"), (12_345, "12.3k"), (2.302585, "2.303"),
        (0.99996, "1.000"), (9.9996, "10.00"), (99.996, "100.0"), (999.96, "1000"), (9999.6, "10.0k"),
        (999_600, "1.00M"), (1.5e9, "1.50G"), (-0.25, "-0.2500"), (2e15, "2.0e+15"), (.nan, "NaN"),
        (.infinity, "inf"), (-.infinity, "-inf"), (1e-300, "1.0e-300"),
    ])
    func `a number is written in four digits`(value: Double, text: String) {
        #expect(NumberFormat.compact(value) == text)
    }

    @Test(arguments: [
        (0.42, "0.4s"), (12, "12s"), (59.6, "1m 00s"), (187, "3m 07s"), (3720, "1h 02m"), (183_600, "2d 03h"),
        (-5, "-5.0s"), (.nan, "NaN"), (1e300, "inf"),
    ])
    func `a duration is written in its two largest units`(seconds: Double, text: String) {
        #expect(NumberFormat.duration(seconds) == text)
    }

    @Test func `zero never has a sign`() {
        #expect(NumberFormat.fixed(-0.0001, decimals: 2) == "0.00")
    }
}

@Suite struct TicksTests {
    @Test(arguments: [
        (0.0...1.0, 6, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (0.28...2.41, 4, ["0.5", "1.0", "1.5", "2.0"]),
        (0.0...12_000.0, 4, ["0", "5k", "10k"]),
        (0.0...3_000_000.0, 4, ["0", "1M", "2M", "3M"]),
        (-0.0002...0.0004, 4, ["-2e-4", "0", "2e-4", "4e-4"]),
        (0.00012...0.00013, 3, ["1.20e-4", "1.25e-4", "1.30e-4"]),
        (7.0...7.0, 3, []),
        (0.0...Double.infinity, 3, []),
    ])
    func `linear ticks are round, alike and not too many`(
        range: ClosedRange<Double>, count: Int, labels: [String]
    ) {
        #expect(Ticks.linear(range, atMost: count).labels == labels)
    }

    @Test(arguments: [
        (0.001...10.0, 6, ["0.001", "0.01", "0.1", "1", "10"]),
        (0.3...4.0, 6, ["0.5", "1", "2"]),
        (1e-9...1e9, 4, ["1e-5", "1", "100k"]),
        (2.1...2.3, 4, ["2.1", "2.2", "2.3"]),
    ])
    func `logarithmic ticks are powers of ten, more where few fit in`(
        range: ClosedRange<Double>, count: Int, labels: [String]
    ) {
        #expect(Ticks.logarithmic(range, atMost: count).labels == labels)
    }

    /// Ranges over forty orders of magnitude, at all offsets that keep their ends apart.
    @Test(arguments: -20...20)
    func `wherever there is room there are two ticks, in order and inside`(exponent: Int) {
        for offset in [0.0, 0.37, -3.3, 1000.1] {
            for count in 2...9 {
                let size = Double(sign: .plus, exponent: exponent * 3, significand: 1.17)
                let range = offset * size...(offset + 1) * size
                let ticks = Ticks.linear(range, atMost: count)
                #expect(ticks.values.count >= 2)
                #expect(ticks.values == ticks.values.sorted())
                #expect(Set(ticks.labels).count == ticks.labels.count, "\(ticks.labels)")
            }
        }
    }

    @Test(arguments: [
        (TimeAxis.step, 0.0...2.0, ["0", "1", "2"]), (.step, 0...45_000, ["0", "10k", "20k", "30k", "40k"]),
        (.epoch, 0...1.5, ["0", "0.5", "1.0", "1.5"]), (.duration, 0...95, ["0", "30s", "1m", "1m30"]),
        (.duration, 0...9000, ["0", "30m", "1h", "1h30", "2h", "2h30"]),
        (.duration, 0...2, ["0s", "0.5s", "1.0s", "1.5s", "2.0s"]),
        (
            .wallTime(utcOffset: 3600), 1_700_000_000...1_700_003_600,
            ["23:20", "23:30", "23:40", "23:50", "00:00", "00:10"]
        ),
        (
            .wallTime(utcOffset: 0), 1_700_000_000...1_700_500_000,
            ["15 Nov", "16 Nov", "17 Nov", "18 Nov", "19 Nov", "20 Nov"]
        ),
    ])
    func `an axis of time has ticks that people use`(axis: TimeAxis, range: ClosedRange<Double>, labels: [String]) {
        #expect(axis.ticks(range, atMost: 6).labels == labels)
    }
}
