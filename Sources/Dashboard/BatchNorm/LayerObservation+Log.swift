import Diagnosis
import EventLog
import Runs

/// Observations of a layer for the diagnosis, read from a log.
extension LayerObservation {
    /// The number of recent batches that are averaged: enough to tell a lag from chance, few enough to be recent.
    private static let recentBatches = 8
    /// The number of steps over which statistics must not change to be reported as frozen.
    private static let stillRecords = 3

    init(_ layer: LoggedLayer, in log: LogSnapshot) {
        self.init()
        let mean = layer.vectors(of: .runningMean, in: log)
        let variance = layer.vectors(of: .runningVariance, in: log)
        runningMean = mean?.last?.value ?? []
        runningVariance = variance?.last?.value ?? []
        weight = layer.vectors(of: .weight, in: log)?.last?.value ?? []
        bias = layer.vectors(of: .bias, in: log)?.last?.value ?? []
        momentum = layer.fact(.momentum, in: log).map { $0.isNaN ? .cumulative : .fixed($0.roundedForReading) }
        if let logged = layer.fact(.epsilon, in: log), logged >= 0 { epsilon = logged.roundedForReading }
        batchesTracked = layer.fact(.batchesTracked, in: log).flatMap(Int.init(exactly:))
        isHistogramsOnly = runningMean.isEmpty && layer.histograms(of: .runningMean, in: log) != nil
        batches = Self.batches(of: layer, mean, variance, in: log)
        if let mean { takeHistory(of: mean, variance) }
        ranks = RankObservation(layer, in: log)
    }

    private static func batches(
        of layer: LoggedLayer, _ mean: TensorSeries?, _ variance: TensorSeries?, in log: LogSnapshot
    ) -> [Batch] {
        guard let mean, let variance, let means = layer.vectors(of: .batchMean, in: log),
            let variances = layer.vectors(of: .batchVariance, in: log)
        else { return [] }
        return means.suffix(recentBatches).compactMap { entry in
            guard let own = variances.newest(at: entry.step), let running = mean.newest(at: entry.step),
                let spread = variance.newest(at: entry.step)
            else { return nil }
            return Batch(
                mean: entry.value, variance: own.value, runningMean: running.value, runningVariance: spread.value)
        }
    }

    private mutating func takeHistory(of mean: TensorSeries, _ variance: TensorSeries?) {
        guard let first = mean.first, let last = mean.last else { return }
        let recent = mean.suffix(Self.recentBatches)
        let steps = Set(recent.map(\.step))
        isStandingStill =
            steps.count >= Self.stillRecords && recent.allSatisfy { $0.value == last.value }
            && steps.allSatisfy { variance?.newest(at: $0)?.value == variance?.last?.value }
        if steps.count >= Self.stillRecords {
            earlierMean = mean.newest(at: last.step - (last.step - first.step) / 5)?.value ?? []
        }
    }
}

extension RankObservation {
    /// The number of records that are averaged, as in `LayerObservation`.
    private static let recentRecords = 8

    /// Nil where the log tells of one process alone.
    ///
    /// - Parameter step: the running statistics as they were at that step; nil is the newest.
    init?(_ layer: LoggedLayer, in log: LogSnapshot, at step: Int64? = nil) {
        guard let means = layer.ranks(of: .runningMean, in: log) else { return nil }
        let variances = layer.ranks(of: .runningVariance, in: log)
        func rows(_ series: MatrixSeries?) -> [[Float]] {
            (step.map { series?.newest(at: $0) } ?? series?.last)?.rows ?? []
        }
        func records(_ quantity: LoggedLayer.Quantity) -> [[[Float]]] {
            layer.ranks(of: quantity, in: log).map { $0.entries.suffix(Self.recentRecords).map(\.rows) } ?? []
        }
        self.init(
            runningMean: rows(means), runningVariance: rows(variances), batchMeans: records(.batchMean),
            batchVariances: records(.batchVariance))
        guard ranks > 1 else { return nil }
    }
}

extension Double {
    /// The number as it was written before it was stored in 32 bits: 0.1, not 0.10000000149.
    fileprivate var roundedForReading: Double { Double("\(Float(self))") ?? self }
}
