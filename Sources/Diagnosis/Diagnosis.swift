import Glibc

/// The diagnosis of a normalization layer: what is healthy in it and what is not, from plain numbers.
///
/// Thresholds are cautious: what is reported is beyond what chance, warm-up and rounding do. None of it proves that a
/// network is bad; each finding says what it was seen from.
package struct Diagnosis: Sendable {
    /// How far the batches' mean may be from the running one, in units of σ.
    package static let meanLimit = 0.25
    /// How far variances may differ, as |ln ratio|: half as much again.
    package static let logVarianceLimit = 0.405
    /// How far the means of single batches may scatter, in units of σ.
    static let scatterLimit = 0.5
    /// A channel whose |γ| is below this share of the layer's largest is as good as gone.
    static let deadShare = 0.01
    private static let initialShareLimit = 0.05

    /// Most severe first.
    package let findings: [Finding]
    package let gap: StatisticsGap?
    /// Channels where any of the quantities is no finite number.
    package let nonFinite: [Int]
    package let dead: [Int]

    package init(_ layer: LayerObservation) {
        gap = StatisticsGap(layer.batches, epsilon: layer.epsilon)
        let wrong = Self.nonFinite(layer)
        nonFinite = Set(wrong.flatMap(\.channels)).sorted()
        dead = Self.dead(layer.weight)
        var all = wrong
        all += Self.impossible(layer)
        all += Self.following(layer, gap)
        all += Self.ranks(layer)
        all += Self.parameters(layer, dead: dead)
        all += Self.missing(layer)
        findings = all.enumerated().sorted {
            ($1.element.severity, $0.offset) < ($0.element.severity, $1.offset)
        }.map(\.element)
    }

    package var severity: Finding.Severity? { findings.first?.severity }

    // MARK: Numbers that can't be

    private static func nonFinite(_ layer: LayerObservation) -> [Finding] {
        var quantities = [
            ("running_mean", layer.runningMean), ("running_var", layer.runningVariance), ("γ (weight)", layer.weight),
            ("β (bias)", layer.bias),
        ]
        if let batch = layer.batches.last {
            quantities += [("batch_mean", batch.mean), ("batch_var", batch.variance)]
        }
        return quantities.compactMap { name, values in
            let channels = values.indices.filter { !values[$0].isFinite }
            return channels.isEmpty ? nil : Finding(.nonFinite(quantity: name), channels: channels)
        }
    }

    private static func impossible(_ layer: LayerObservation) -> [Finding] {
        let negative = layer.runningVariance.indices.filter { layer.runningVariance[$0] < 0 }
        let constant = layer.runningVariance.indices.filter {
            (0..<Float(layer.epsilon)).contains(layer.runningVariance[$0])
        }
        return (negative.isEmpty ? [] : [Finding(.negativeVariance, channels: negative)])
            + (constant.isEmpty ? [] : [Finding(.constantInput, channels: constant)])
    }

    // MARK: How running statistics follow

    private static func following(_ layer: LayerObservation, _ gap: StatisticsGap?) -> [Finding] {
        if isUntouched(layer) { return [Finding(.untouched)] }
        var found = layer.isStandingStill ? [Finding(.standingStill)] : []
        if let share = initialShare(layer) { found.append(share) }
        guard let gap else { return found + drift(layer) }
        let means = gap.channels(gap.mean, beyond: meanLimit, scatter: gap.meanScatter)
        if let (worst, value) = largest(gap.mean, among: means) {
            found.append(
                Finding(
                    .meanGap(largest: value, worst: worst, of: gap.mean.count), channels: means,
                    momentum: layer.momentum))
        }
        let variances = gap.channels(gap.logVariance, beyond: logVarianceLimit, scatter: gap.logVarianceScatter)
        if let (worst, value) = largest(gap.logVariance, among: variances) {
            found.append(
                Finding(
                    .varianceGap(ratio: exp(value), worst: worst, of: gap.logVariance.count), channels: variances,
                    momentum: layer.momentum))
        }
        let scatter = median(gap.meanScatter)
        if gap.batches > 2, scatter >= scatterLimit { found.append(Finding(.scatter(scatter))) }
        return found
    }

    private static func isUntouched(_ layer: LayerObservation) -> Bool {
        !layer.runningMean.isEmpty && layer.runningMean.allSatisfy { $0 == 0 }
            && !layer.runningVariance.isEmpty && layer.runningVariance.allSatisfy { $0 == 1 }
    }

    /// (1−m)ⁿ of the running statistics are what they began with.
    private static func initialShare(_ layer: LayerObservation) -> Finding? {
        guard let batches = layer.batchesTracked, batches > 0, case .fixed(let momentum) = layer.momentum,
            momentum > 0, momentum < 1
        else { return nil }
        let share = pow(1 - momentum, Double(batches))
        guard share > initialShareLimit else { return nil }
        let needed = (log(initialShareLimit) / log(1 - momentum)).rounded(.up)
        return Finding(.warmingUp(share: share, batches: batches, needed: Int(min(needed, 1e9))))
    }

    /// Without the batches' own statistics: how far the running mean went.
    private static func drift(_ layer: LayerObservation) -> [Finding] {
        guard layer.earlierMean.count == layer.runningMean.count, !layer.isStandingStill,
            layer.runningVariance.count == layer.runningMean.count
        else { return [] }
        let moved = layer.runningMean.indices.map { channel in
            (Double(layer.runningMean[channel]) - Double(layer.earlierMean[channel]))
                / (Double(layer.runningVariance[channel]) + layer.epsilon).squareRoot()
        }
        guard let (worst, value) = StatisticsGap.largest(moved), abs(value) >= meanLimit else { return [] }
        return [Finding(.drift(largest: value, worst: worst))]
    }

    private static func largest(_ values: [Double], among channels: [Int]) -> (Int, Double)? {
        channels.max { abs(values[$0]) < abs(values[$1]) }.map { ($0, values[$0]) }
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.filter(\.isFinite).sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }

    // MARK: Processes that train together

    private static func ranks(_ layer: LayerObservation) -> [Finding] {
        guard let ranks = layer.ranks,
            let gap = RankGap(
                ranks, momentum: layer.momentum, batchesTracked: layer.batchesTracked, epsilon: layer.epsilon)
        else { return [] }
        return [Finding(.ranksDisagree(gap), channels: gap.channels)]
    }

    // MARK: γ and β

    private static func dead(_ weight: [Float]) -> [Int] {
        guard let largest = weight.lazy.map(\.magnitude).filter(\.isFinite).max(), largest > 0 else { return [] }
        return weight.indices.filter { weight[$0].magnitude < Float(deadShare) * largest }
    }

    private static func parameters(_ layer: LayerObservation, dead: [Int]) -> [Finding] {
        if !layer.weight.isEmpty, layer.weight.allSatisfy({ $0 == 0 }) { return [Finding(.allZero)] }
        var found = dead.isEmpty ? [] : [Finding(.dead, channels: dead)]
        if layer.weight.count == layer.bias.count {
            let isDead = Set(dead)
            let silent = layer.bias.indices.filter {
                layer.bias[$0] < -3 * layer.weight[$0].magnitude && !isDead.contains($0)
            }
            if !silent.isEmpty { found.append(Finding(.silent, channels: silent)) }
        }
        return found
    }

    // MARK: What the log lacks

    private static func missing(_ layer: LayerObservation) -> [Finding] {
        if layer.isHistogramsOnly { return [Finding(.histogramsOnly)] }
        if layer.runningMean.isEmpty || layer.runningVariance.isEmpty { return [Finding(.noRunningStatistics)] }
        return layer.batches.isEmpty ? [Finding(.noBatchStatistics)] : []
    }
}
