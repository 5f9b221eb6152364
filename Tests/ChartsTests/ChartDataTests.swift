import Canvas
import Testing

@testable import Charts

@Suite struct ColumnExtentTests {
    @Test func `an extent keeps extremes, ends and what is not finite`() {
        var extent = ColumnExtent()
        #expect(extent.isEmpty && extent.isFinite)
        for value in [3, .nan, -1, 7, .infinity, 2] { extent.add(value) }
        #expect((extent.minimum, extent.maximum) == (-1, 7))
        #expect((extent.first, extent.last) == (3, 2))
        #expect(extent.hasNaN && extent.hasPositiveInfinity && !extent.hasNegativeInfinity && !extent.isEmpty)
    }

    @Test func `a single spike among a million points is drawn at any width`() {
        let chart = LineChart(
            curves: [
                .init(label: "", style: .text) { range, count in
                    var columns = Array(
                        repeating: ColumnExtent(minimum: 0, maximum: 0, first: 0, last: 0), count: count)
                    let spike = Int((314_159 - range.lowerBound) / 1_000_000 * Double(count))
                    if count > 0 { columns[spike] = ColumnExtent(minimum: 0, maximum: 9, first: 0, last: 0) }
                    return columns
                }
            ], xRange: 0...1_000_000, yRange: 0...10)
        for columns in 1...60 {
            var frame = Frame(size: Size(rows: 2, columns: columns))
            chart.draw(into: &frame, in: frame.bounds)
            let top = String(frame.row(0).map(\.character)).filter { $0 != " " && $0 != "┈" && $0 != "│" && $0 != "┤" }
            let hasDot = top.contains { ("\u{2801}"..."\u{28FF}").contains($0) }
            #expect(hasDot, "\(columns) columns: \(frame.text)")
        }
    }

    @Test func `points outside of the range are left out, and the last column holds the upper bound`() {
        let columns = ColumnExtent.columns([(-1, 5), (0, 1), (10, 2), (11, 5)], in: 0...10, count: 4)
        #expect(columns.map(\.isEmpty) == [false, true, true, false])
        #expect(columns[3].maximum == 2)
    }
}

@Suite struct BinSpreadTests {
    @Test func `bins of any widths keep their sum`() {
        let spread = BinSpread(edges: [-1, 0, 0.1, 5], counts: [3, 10, 7])
        for columns in 1...40 {
            let sum = spread.columns(columns, in: -1...5).reduce(0, +)
            #expect(abs(sum - 20) < 1e-9)
        }
    }

    @Test func `edges that are no numbers do no harm`() {
        let spread = BinSpread(edges: [-.infinity, 0, .nan, 5], counts: [3, .nan, 7])
        let finite = spread.columns(4, in: -1...5).allSatisfy { $0.isFinite }
        #expect(finite)
        #expect(BinSpread(edges: [], counts: [1]).columns(3, in: 0...1) == [0, 0, 0])
    }
}

@Suite struct ChannelTests {
    @Test(arguments: [(1, 1), (16, 33), (64, 64), (512, 40), (3, 2)])
    func `every channel belongs to exactly one slot`(channels: Int, columns: Int) {
        let slots = ChannelSlots(channels: channels, columns: columns).all
        #expect(slots.flatMap { Array($0.channels) } == Array(0..<channels))
        let fit = slots.allSatisfy { $0.columns.upperBound <= columns && !$0.columns.isEmpty }
        #expect(fit)
    }

    @Test func `bars on both sides of zero stand on one line and fill the rows`() {
        let scale = BarScale(low: -1, high: 3, rows: 8, kind: .linear)
        #expect((scale.up, scale.down) == (6, 2))
        #expect(scale.eighths(3) == 48)
        #expect(scale.eighths(-1) == -16)
        #expect(scale.eighths(.nan) == nil)
    }

    @Test func `a channel that is not finite is marked`() {
        var frame = Frame(size: Size(rows: 6, columns: 4))
        ChannelChart(values: [1, .nan, 2]).draw(into: &frame, in: frame.bounds)
        #expect(frame.text.contains("✗"))
    }
}
