import Glibc

/// The distance of the batches' own statistics from the running ones, a value a channel: what evaluation sees
/// differently from training.
///
/// Each batch is compared with the running statistics of its own step, and the differences are averaged: single batches
/// scatter, and only what remains in the mean is a lag.
package struct StatisticsGap: Equatable, Sendable {
    /// [channel]: mean of (batch mean − running mean) / √(running variance + ε), that is in units of σ.
    package let mean: [Double]
    /// [channel]: standard deviation of the same over the batches.
    package let meanScatter: [Double]
    /// [channel]: mean of ln((batch variance + ε) / (running variance + ε)); 0 where both agree.
    package let logVariance: [Double]
    package let logVarianceScatter: [Double]
    /// Batches that were compared.
    package let batches: Int

    /// Nil if there is no batch to compare with.
    package init?(_ batches: [LayerObservation.Batch], epsilon: Double) {
        let whole = batches.filter { batch in
            let channels = batch.mean.count
            return channels > 0
                && [batch.variance, batch.runningMean, batch.runningVariance].allSatisfy { $0.count == channels }
        }
        guard let channels = whole.last?.mean.count else { return nil }
        var means = Array(repeating: Tally(), count: channels)
        var variances = means
        let shown = whole.filter { $0.mean.count == channels }
        for batch in shown {
            for channel in 0..<channels {
                let variance = Double(batch.runningVariance[channel]) + epsilon
                means[channel].add(
                    (Double(batch.mean[channel]) - Double(batch.runningMean[channel])) / variance.squareRoot())
                variances[channel].add(log((Double(batch.variance[channel]) + epsilon) / variance))
            }
        }
        mean = means.map(\.mean)
        meanScatter = means.map(\.deviation)
        logVariance = variances.map(\.mean)
        logVarianceScatter = variances.map(\.deviation)
        self.batches = shown.count
    }

    /// The channel that is farthest from 0, and its value; nil if no value is finite.
    package static func largest(_ values: [Double]) -> (channel: Int, value: Double)? {
        var found: (channel: Int, value: Double)?
        for (channel, value) in values.enumerated() where value.isFinite {
            if abs(value) > abs(found?.value ?? 0) || found == nil { found = (channel, value) }
        }
        return found
    }

    /// The channels whose value is at least `limit` away from 0, and by more than what chance would do to a mean of so
    /// many scattered values.
    func channels(_ values: [Double], beyond limit: Double, scatter: [Double]) -> [Int] {
        let root = Double(batches).squareRoot()
        return values.indices.filter { abs(values[$0]) >= limit && abs(values[$0]) > 3 * scatter[$0] / root }
    }
}

/// Mean and standard deviation (1/n) of values as they come, by Welford.
private struct Tally {
    private var count = 0.0
    private(set) var mean = 0.0
    private var squares = 0.0

    @inline(__always)
    mutating func add(_ value: Double) {
        count += 1
        let before = value - mean
        mean += before / count
        squares += before * (value - mean)
    }

    var deviation: Double { count > 0 ? max(0, squares / count).squareRoot() : 0 }
}
