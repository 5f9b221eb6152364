import EventLog

/// The moving averages of the curves that are shown, kept while they are shown and extended with what their series gain.
///
/// A call does a bounded amount of work, so that a key is answered while millions of points are averaged; until an
/// average has caught up, it is drawn as far as it goes.
struct SmoothedCurves: Sendable {
    /// Which series of which run.
    struct Name: Hashable, Sendable {
        let run: String
        let tag: String
    }

    /// Points that one call takes in: some milliseconds of work.
    private static let pointsAtOnce = 400_000

    private var averages: [Name: SmoothedSeries] = [:]
    private(set) var isBehind = false

    subscript(name: Name) -> SmoothedSeries? { averages[name] }

    /// Takes in what the series have gained, and forgets all others. A weight of 0 is no average at all.
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
