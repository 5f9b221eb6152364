/// A selection of a series' moments, at most one for each column of a chart, so that drawing costs what the columns
/// cost.
///
/// Invariant: places rise with the index.
struct MomentSpread {
    let count: Int
    let place: (Int) -> Double

    /// The newest moment of each column; all moments where they are no more than the columns.
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

    /// The first index after a position, by binary search.
    private func firstIndex(after end: Double, from start: Int) -> Int {
        var (low, high) = (start, count)
        while low < high {
            let middle = low + (high - low) / 2
            if place(middle) <= end { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
