import Diagnosis
import EventLog
import Runs

/// The health of a normalization layer, as the list shows it.
struct LayerHealth: Sendable {
    let channels: Int
    let momentum: LayerObservation.Momentum?
    let batchesTracked: Int?
    let diagnosis: Diagnosis
    /// The largest distance of a process's running mean from the first one's, in units of σ; nil where one process
    /// trains.
    let rankSpread: Double?
    private let ranges: [LoggedLayer.Quantity: ClosedRange<Double>]
    /// Quantities whose newest histogram is empty: writers leave out values that are not finite.
    let emptied: Set<LoggedLayer.Quantity>

    init(_ layer: LoggedLayer, in log: LogSnapshot) {
        let observation = LayerObservation(layer, in: log)
        momentum = observation.momentum
        batchesTracked = observation.batchesTracked
        diagnosis = Diagnosis(observation)
        rankSpread = observation.ranks.map { ranks in
            let deviations = ranks.meanDeviations(epsilon: observation.epsilon).joined().map(abs)
            return deviations.contains { !$0.isFinite } ? .nan : deviations.max() ?? 0
        }
        var ranges: [LoggedLayer.Quantity: ClosedRange<Double>] = [:]
        var emptied: Set<LoggedLayer.Quantity> = []
        var counted = observation.channels
        for quantity in LoggedLayer.Quantity.allCases {
            if let values = layer.vectors(of: quantity, in: log)?.last?.value {
                ranges[quantity] = Self.range(of: values)
            } else if let histogram = layer.histograms(of: quantity, in: log)?.last?.value {
                guard histogram.count > 0, histogram.min <= histogram.max else {
                    emptied.insert(quantity)
                    continue
                }
                ranges[quantity] = histogram.min...histogram.max
                counted = max(counted, Int(exactly: histogram.count) ?? 0)
            }
        }
        self.ranges = ranges
        self.emptied = emptied
        channels = counted
    }

    /// The range of the finite values; nil if there are none.
    func range(of quantity: LoggedLayer.Quantity) -> ClosedRange<Double>? { ranges[quantity] }

    private static func range(of values: [Float]) -> ClosedRange<Double>? {
        var (low, high) = (Float.infinity, -Float.infinity)
        for value in values where value.isFinite {
            low = min(low, value)
            high = max(high, value)
        }
        return low <= high ? Double(low)...Double(high) : nil
    }
}

/// A cache of the health of all layers of the open run. A layer is examined again only where its series grew, and each
/// call does a bounded amount of work.
struct LayerHealthCache: Sendable {
    private struct Entry {
        let key: [UInt64]
        let health: LayerHealth
    }

    /// The approximate number of channel values that one call examines.
    private static let budget = 1 << 17
    private var entries: [String: Entry] = [:]
    /// The index of the layer to examine next, so that each has its turn while all of them grow.
    private var next = 0
    private(set) var isBehind = false

    subscript(layer: String) -> LayerHealth? { entries[layer]?.health }

    /// Whether several processes train together, and the log has the statistics of each.
    private(set) var hasRanks = false

    /// - Parameter first: the layer that is on the screen, always looked at.
    mutating func extend(_ layers: [LoggedLayer], first: LoggedLayer?, in log: LogSnapshot) {
        var spent = 0
        if let first { spent += look(at: first, in: log) }
        isBehind = false
        for _ in layers.indices {
            next = (next + 1) % layers.count
            spent += look(at: layers[next], in: log)
            guard spent > Self.budget else { continue }
            isBehind = true
            return
        }
    }

    /// Examines a layer; returns the number of channel values that were read.
    private mutating func look(at layer: LoggedLayer, in log: LogSnapshot) -> Int {
        let key =
            LoggedLayer.Quantity.allCases.flatMap { quantity -> [UInt64] in
                if let series = layer.vectors(of: quantity, in: log) { return [UInt64(series.count), series.revision] }
                return [UInt64(layer.histograms(of: quantity, in: log)?.count ?? 0), 0]
            } + [UInt64(layer.ranks(of: .runningMean, in: log)?.count ?? 0)]
        guard entries[layer.name]?.key != key else { return 0 }
        let health = LayerHealth(layer, in: log)
        entries[layer.name] = Entry(key: key, health: health)
        hasRanks = hasRanks || health.rankSpread != nil
        return 32 * health.channels
    }
}
