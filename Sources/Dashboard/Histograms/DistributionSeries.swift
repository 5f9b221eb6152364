import Canvas
import Charts
import EventLog

/// The distributions over time under one tag, from histograms or from the values themselves.
struct DistributionSeries {
    private enum Source {
        case histograms(HistogramSeries)
        case vectors(TensorSeries)
    }

    struct Bins {
        let edges: [Double]
        let counts: [Double]
        var mean: Double?
        var standardDeviation: Double?
    }

    let tag: String
    private let source: Source

    /// The quantiles by importance.
    private static let levels: [(name: String, fraction: Double)] = [
        ("median", 0.5), ("min", 0), ("max", 1), ("5%", 0.05), ("95%", 0.95), ("25%", 0.25), ("75%", 0.75),
        ("1%", 0.01), ("99%", 0.99),
    ]

    /// Nil if the log has nothing to show under the tag.
    init?(_ tag: String, in log: LogSnapshot) {
        self.tag = tag
        if let histograms = log.histograms[tag], !histograms.isEmpty {
            source = .histograms(histograms)
        } else if let vectors = log.tensors[tag], !vectors.isEmpty {
            source = .vectors(vectors)
        } else {
            return nil
        }
    }

    var count: Int {
        switch source {
        case .histograms(let series): series.count
        case .vectors(let series): series.count
        }
    }

    func step(_ index: Int) -> Int64 { moment(index).step }

    func moment(_ index: Int) -> (step: Int64, wallTime: Double) {
        switch source {
        case .histograms(let series): (series[index].step, series[index].wallTime)
        case .vectors(let series): (series[index].step, series[index].wallTime)
        }
    }

    func place(_ index: Int, on scale: HorizontalScale) -> Double {
        let (step, wallTime) = moment(index)
        return scale.place(of: ScalarPoint(step: step, wallTime: wallTime, value: 0))
    }

    /// The indices of the moments to draw: the newest in each column of a chart, so that drawing costs what the columns
    /// cost.
    func spread(over columns: Int, on scale: HorizontalScale, in range: ClosedRange<Double>) -> [Int] {
        MomentSpread(count: count) { place($0, on: scale) }.newest(columns: columns, in: range)
    }

    /// The buckets as logged; with a `limit`, so many buckets of equal width made of them.
    func bins(_ index: Int, atMost limit: Int? = nil) -> Bins {
        switch source {
        case .histograms(let series):
            let histogram = series[index].value
            let (edges, counts) = limit.map(histogram.rebinned) ?? histogram.edgesAndCounts
            return Bins(
                edges: edges, counts: counts, mean: histogram.mean.isFinite ? histogram.mean : nil,
                standardDeviation: histogram.variance.isFinite ? histogram.variance.squareRoot() : nil)
        case .vectors(let series):
            guard let bins = EqualBins(series[index].value.map(Double.init), atMost: limit ?? 40) else {
                return Bins(edges: [0, 1], counts: [0])
            }
            return Bins(
                edges: bins.edges, counts: bins.counts, mean: bins.mean, standardDeviation: bins.standardDeviation)
        }
    }

    /// The `count` most important quantiles, the smallest first.
    func quantiles(_ index: Int, atMost count: Int) -> [(name: String, value: Double)] {
        let levels = Self.levels.prefix(count).sorted { $0.fraction < $1.fraction }
        switch source {
        case .histograms(let series):
            let histogram = series[index].value
            return levels.map { ($0.name, histogram.quantile($0.fraction)) }
        case .vectors(let series):
            let sorted = series[index].value.filter(\.isFinite).sorted()
            guard !sorted.isEmpty else { return [] }
            return levels.map { level in
                (level.name, Double(sorted[Int((level.fraction * Double(sorted.count - 1)).rounded())]))
            }
        }
    }

    /// The colour of the quantity, the same as in all other views.
    var style: Style {
        if tag.hasSuffix("running_mean") || tag.hasSuffix("batch_mean") { return Style(.mean) }
        if tag.hasSuffix("running_var") || tag.hasSuffix("batch_var") { return Style(.variance) }
        return tag.hasSuffix("bias") ? Style(.beta) : Style(.gamma)
    }
}

extension Histogram {
    /// The logged buckets, from the smallest value to the largest.
    var edgesAndCounts: (edges: [Double], counts: [Double]) {
        guard !limits.isEmpty else { return ([0, 1], [0]) }
        var edges = [min]
        for limit in limits { edges.append(Swift.max(edges[edges.count - 1], Swift.min(limit, max))) }
        return (edges, counts)
    }
}
