/// Moments of a series spread over the columns of a chart, so that drawing costs what the columns cost.
///
/// Invariant: places rise with the index.
struct MomentSpread {
    let count: Int
    let place: (Int) -> Double

    /// One moment a column, the newest in each; all of them where they are no more than the columns.
    func newest(columns: Int, in range: ClosedRange<Double>) -> [Int] {
        guard count > columns, columns > 0 else { return Array(0..<count) }
        var kept: [Int] = []
        let width = (range.upperBound - range.lowerBound) / Double(columns)
        var index = 0
        for column in 1...columns {
            let end = column == columns ? range.upperBound : range.lowerBound + Double(column) * width
            let next = firstIndex(after: end, from: index)
            if next > index { kept.append(next - 1) }
            index = next
        }
        return kept
    }

    /// Binary search.
    private func firstIndex(after end: Double, from start: Int) -> Int {
        var (low, high) = (start, count)
        while low < high {
            let middle = low + (high - low) / 2
            if place(middle) <= end { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
