/// The assignment of times to the columns of a chart; each column shows what was newest at its end.
struct TimeColumns {
    private let times: [Double]
    private let range: ClosedRange<Double>
    private let count: Int

    init(_ times: [Double], in range: ClosedRange<Double>, count: Int) {
        self.times = times
        self.range = range
        self.count = max(0, count)
    }

    private var width: Double { range.upperBound - range.lowerBound }

    /// The column of a time, clamped to the chart.
    func column(_ time: Double) -> Int {
        guard width > 0, count > 0 else { return 0 }
        return ((time - range.lowerBound) / width * Double(count)).clamped(to: 0...count - 1)
    }

    /// The index of the newest time for each column; none before the first and after the last one.
    var newest: [Int?] {
        var next = 0
        return (0..<count).map { column in
            let start = range.lowerBound + width * Double(column) / Double(count)
            let end = range.lowerBound + width * Double(column + 1) / Double(count)
            while next < times.count, times[next] <= end { next += 1 }
            guard next > 0, next < times.count || times[next - 1] >= start else { return nil }
            return next - 1
        }
    }
}
