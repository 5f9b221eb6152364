import EventLog

/// The moving averages of the curves on the screen, kept while they are shown and extended as their series grow.
///
/// A call does a bounded amount of work, so that a key is answered while millions of points are averaged; until an
/// average has caught up, it is drawn as far as it goes.
struct SmoothedCurves: Sendable {
    /// The name of a series in a run.
    struct Name: Hashable, Sendable {
        let run: String
        let tag: String
    }

    /// The most points that one call takes in: some milliseconds of work.
    private static let pointsAtOnce = 400_000

    private var averages: [Name: SmoothedSeries] = [:]
    private(set) var isBehind = false

    subscript(name: Name) -> SmoothedSeries? { averages[name] }

    /// Extends the averages by the series' new points, and drops all others. A weight of 0 makes no averages.
    mutating func extend(_ shown: [(name: Name, series: ScalarSeries)], weight: Double) {
        isBehind = false
        let wanted = weight > 0 ? Set(shown.map(\.name)) : []
        averages = averages.filter { wanted.contains($0.key) && $0.value.weight == weight }
        var room = Self.pointsAtOnce
        for (name, series) in shown where weight > 0 {
            let before = averages[name]?.count ?? 0
            averages[name, default: SmoothedSeries(weight: weight)].extend(with: series, atMost: room)
            let count = averages[name]?.count ?? 0
            room = max(0, room - (count >= before ? count - before : count))
            isBehind = isBehind || count < series.count
        }
    }
}
