import Glibc

/// The statistics of a normalization layer in each of the processes (ranks) that train together, the first being the
/// one whose statistics are logged, evaluated with and saved.
package struct RankObservation: Sendable {
    /// [rank][channel] each; empty for what is not known.
    package var runningMean: [[Float]]
    package var runningVariance: [[Float]]
    /// The newest batches' own statistics, oldest first: [record][rank][channel].
    package var batchMeans: [[[Float]]]
    package var batchVariances: [[[Float]]]

    package init(
        runningMean: [[Float]] = [], runningVariance: [[Float]] = [], batchMeans: [[[Float]]] = [],
        batchVariances: [[[Float]]] = []
    ) {
        self.runningMean = runningMean
        self.runningVariance = runningVariance
        self.batchMeans = batchMeans
        self.batchVariances = batchVariances
    }

    package var ranks: Int { runningMean.count }
    package var channels: Int { runningMean.first?.count ?? 0 }

    /// [rank][channel]: how far a rank's running mean is from the first rank's, in units of σ; empty where σ isn't known.
    package func meanDeviations(epsilon: Double) -> [[Double]] {
        guard let first = runningMean.first, let variance = runningVariance.first, first.count == variance.count else {
            return []
        }
        return runningMean.filter { $0.count == first.count }.map { rank in
            first.indices.map { channel in
                (Double(rank[channel]) - Double(first[channel]))
                    / (Double(variance[channel]) + epsilon).squareRoot()
            }
        }
    }

    /// [rank][channel]: ln of a rank's running variance to the first rank's, ε added to both.
    package func logVarianceDeviations(epsilon: Double) -> [[Double]] {
        guard let first = runningVariance.first else { return [] }
        return runningVariance.filter { $0.count == first.count }.map { rank in
            first.indices.map { log((Double(rank[$0]) + epsilon) / (Double(first[$0]) + epsilon)) }
        }
    }
}

/// The largest distance between the ranks' statistics, if it is larger than chance would make it.
///
/// Two comparisons are made. The running statistics: each is an average with the momentum m of batches that scatter by s,
/// so that two of them are apart by s·√(2·m/(2−m)) by chance. And the batches' own, averaged over the newest records,
/// because DDP by default copies the first rank's running statistics to the others before every step: those can't then
/// be apart by more than one batch, and what differs shows in the batches alone. A channel counts if it is beyond the
/// practical limit and beyond three standard errors, or more where so many channels are compared that chance alone
/// would bring one of them that far.
package struct RankGap: Equatable, Sendable {
    package enum Quantity: Equatable, Sendable {
        case runningMean, runningVariance, batchMean, batchVariance
    }

    package let quantity: Quantity
    package let rank: Int
    package let channel: Int
    /// In units of σ, or the logarithm of a ratio of variances.
    package let deviation: Double
    package let standardError: Double
    /// All that are beyond, of all ranks and quantities.
    package let channels: [Int]
    package let ranks: Int

    /// Records from which a scatter can be told.
    private static let fewestRecords = 3

    /// Nil if the ranks agree, or nothing can be said.
    init?(_ all: RankObservation, momentum: LayerObservation.Momentum?, batchesTracked: Int?, epsilon: Double) {
        guard all.ranks > 1, all.channels > 0 else { return nil }
        let share = Self.share(of: momentum, batchesTracked)
        let means = Scatter(all.batchMeans, all) { value, first, variance in
            (value - first) / (variance + epsilon).squareRoot()
        }
        let variances = Scatter(all.batchVariances, all) { value, first, _ in log((value + epsilon) / (first + epsilon))
        }
        var found: [Candidate] = []
        let running = all.meanDeviations(epsilon: epsilon), spreads = all.logVarianceDeviations(epsilon: epsilon)
        if let means {
            found += means.beyond(running, .runningMean, Diagnosis.meanLimit, share: share)
            found += means.beyond(means.mean, .batchMean, Diagnosis.meanLimit, share: 1 / Double(means.records))
        }
        if let variances {
            found += variances.beyond(spreads, .runningVariance, Diagnosis.logVarianceLimit, share: share)
            found += variances.beyond(
                variances.mean, .batchVariance, Diagnosis.logVarianceLimit, share: 1 / Double(variances.records))
        }
        guard let worst = found.max(by: { $0.weight < $1.weight }) else { return nil }
        quantity = worst.quantity
        (rank, channel, deviation, standardError) = (worst.rank, worst.channel, worst.deviation, worst.error)
        channels = Set(found.map(\.channel)).sorted()
        ranks = all.ranks
    }

    /// By how much less than a single batch's the variance of a running average is.
    private static func share(of momentum: LayerObservation.Momentum?, _ batches: Int?) -> Double {
        switch momentum {
        case .cumulative: 1 / Double(max(1, batches ?? 1))
        case .fixed(let m) where m > 0 && m <= 1: m / (2 - m)
        default: 0.1 / 1.9
        }
    }

    private struct Candidate {
        let quantity: Quantity
        let rank: Int
        let channel: Int
        let deviation: Double
        let error: Double
        let limit: Double

        /// What evaluation uses comes before what only explains it.
        var weight: (Int, Double) {
            (quantity == .runningMean || quantity == .runningVariance ? 1 : 0, abs(deviation) / limit)
        }
    }

    /// How single batches' differences between a rank and the first one scatter over the records: [rank][channel].
    private struct Scatter {
        private(set) var mean: [[Double]] = []
        private var deviation: [[Double]] = []
        /// What is usual: a channel whose few records happen to be alike is not taken to be that sure.
        private let usual: Double
        let records: Int

        init?(
            _ all: [[[Float]]], _ ranks: RankObservation,
            difference: (_ value: Double, _ first: Double, _ variance: Double) -> Double
        ) {
            let (count, channels) = (ranks.ranks, ranks.channels)
            let whole = all.filter { $0.count == count && $0.allSatisfy { $0.count == channels } }
            guard whole.count >= RankGap.fewestRecords, let variance = ranks.runningVariance.first,
                variance.count == channels
            else { return nil }
            records = whole.count
            for rank in 0..<count {
                var (means, deviations): ([Double], [Double]) = ([], [])
                for channel in 0..<channels {
                    let values = whole.map {
                        difference(Double($0[rank][channel]), Double($0[0][channel]), Double(variance[channel]))
                    }
                    let middle = values.reduce(0, +) / Double(values.count)
                    let squares = values.reduce(0) { $0 + ($1 - middle) * ($1 - middle) }
                    means.append(middle)
                    deviations.append((squares / Double(values.count - 1)).squareRoot())
                }
                mean.append(means)
                deviation.append(deviations)
            }
            let sorted = deviation.dropFirst().joined().filter(\.isFinite).sorted()
            usual = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
        }

        /// What is beyond `limit` and beyond chance, if averages have `share` of a single difference's variance.
        func beyond(_ values: [[Double]], _ quantity: Quantity, _ limit: Double, share: Double) -> [Candidate] {
            let compared = Double(max(2, values.dropFirst().reduce(0) { $0 + $1.count }))
            let errors = max(3, (2 * log(compared)).squareRoot() + 1)
            return values.indices.dropFirst().flatMap { rank in
                values[rank].indices.compactMap { channel in
                    guard deviation.indices.contains(rank), deviation[rank].indices.contains(channel) else {
                        return nil
                    }
                    let value = values[rank][channel]
                    let error = max(deviation[rank][channel], usual) * share.squareRoot()
                    guard value.isFinite, error.isFinite, abs(value) > limit, abs(value) > errors * error else {
                        return nil
                    }
                    return Candidate(
                        quantity: quantity, rank: rank, channel: channel, deviation: value, error: error, limit: limit)
                }
            }
        }
    }
}
