import Foundation
import Testing

@testable import Diagnosis

@Suite struct DiagnosisTests {
    private static let channels = 4

    /// A layer in good order: γ = 1, β = 0, and batches whose statistics are those of the running ones, but for `change`.
    private func layer(_ change: (inout LayerObservation) -> Void = { _ in }) -> LayerObservation {
        var layer = LayerObservation()
        layer.runningMean = [0.5, -1, 0, 2]
        layer.runningVariance = [1, 4, 0.25, 9]
        layer.weight = [1, 0.9, 1.1, 1]
        layer.bias = [0, 0.1, -0.1, 0]
        layer.momentum = .fixed(0.1)
        layer.batchesTracked = 500
        layer.batches = batches()
        change(&layer)
        return layer
    }

    /// Eight batches around the running statistics: `shift` in units of σ, `ratio` of variances, in the channel 1.
    private func batches(shift: Float = 0, ratio: Float = 1, scatter: Float = 0.05) -> [LayerObservation.Batch] {
        let mean: [Float] = [0.5, -1, 0, 2]
        let variance: [Float] = [1, 4, 0.25, 9]
        return (0..<8).map { number in
            let sign: Float = number.isMultiple(of: 2) ? 1 : -1
            return LayerObservation.Batch(
                mean: mean.indices.map {
                    mean[$0] + variance[$0].squareRoot() * (sign * scatter + ($0 == 1 ? shift : 0))
                },
                variance: variance.indices.map { variance[$0] * ($0 == 1 ? ratio : 1) },
                runningMean: mean, runningVariance: variance)
        }
    }

    private func kinds(_ layer: LayerObservation) -> [Finding.Kind] { Diagnosis(layer).findings.map(\.kind) }

    @Test func aLayerInOrderHasNothingToReport() {
        let diagnosis = Diagnosis(layer())
        #expect(diagnosis.findings.isEmpty && diagnosis.severity == nil)
        #expect(diagnosis.dead.isEmpty && diagnosis.nonFinite.isEmpty)
    }

    @Test func gapsAreMeasuredInSigmaAndInLogarithms() throws {
        let gap = try #require(StatisticsGap(batches(shift: 0.5, ratio: 2), epsilon: 0))
        #expect(abs(gap.mean[1] - 0.5) < 1e-6 && abs(gap.mean[0]) < 1e-6)
        #expect(abs(gap.meanScatter[0] - 0.05) < 1e-6)
        #expect(abs(gap.logVariance[1] - 0.6931) < 1e-3 && abs(gap.logVariance[2]) < 1e-6)
    }

    @Test func aVarianceThatLagsSaysWhatEvaluationDoes() throws {
        let finding = try #require(Diagnosis(layer { $0.batches = batches(ratio: 4) }).findings.first)
        #expect(finding.severity == .warning && finding.channels == [1])
        #expect(finding.summary.contains("running variance lags below the batches' by up to ×4"))
        #expect(finding.advice.contains("×2.0 larger than training's"))
    }

    @Test func aMeanThatLagsIsFoundAndItsMomentumIsNamed() throws {
        let slow = layer {
            $0.batches = batches(shift: -0.8)
            $0.momentum = .fixed(0.01)
            $0.batchesTracked = 5000
        }
        let finding = try #require(Diagnosis(slow).findings.first)
        #expect(finding.summary.contains("0.8σ (channel 1)") && finding.advice.contains("momentum 0.01 follows slowly"))
    }

    @Test func whatChanceDoesIsNoLag() {
        #expect(kinds(layer { $0.batches = batches(shift: 0.3, scatter: 0.45) }).isEmpty)
        let scattered = kinds(layer { $0.batches = batches(scatter: 0.7) })
        #expect(scattered.count == 1 && scattered.allSatisfy { if case .scatter = $0 { true } else { false } })
    }

    @Test func nonFiniteChannelsAreFaultsAndComeFirst() throws {
        let diagnosis = Diagnosis(
            layer {
                $0.runningVariance[2] = .nan
                $0.bias[3] = .infinity
                $0.weight[0] = 0
            })
        #expect(diagnosis.severity == .fault && diagnosis.nonFinite == [2, 3])
        #expect(diagnosis.findings[0].summary == "running_var is not finite in channel 2")
        #expect(diagnosis.findings[0].advice.contains("checkpoint"))
        #expect(diagnosis.findings.last?.severity ?? .fault < .fault)
    }

    @Test func deadChannelsAreCountedAndNamed() throws {
        let dead = layer {
            $0.weight = [1e-5, 0.9, 0, 1]
        }
        let finding = try #require(Diagnosis(dead).findings.first)
        #expect(finding.summary == "2 dead channels (γ≈0): 0, 2" && finding.kind == .dead)
        #expect(kinds(layer { $0.weight = [0, 0, 0, 0] }).contains(.allZero))
    }

    @Test(arguments: [
        (Finding.Kind.untouched, [Float](repeating: 0, count: 4), [Float](repeating: 1, count: 4)),
        (.negativeVariance, [0, 0, 0, 1], [1, -1, 1, 1]), (.constantInput, [0, 0, 0, 1], [1, 1e-7, 1, 1]),
    ])
    func impossibleAndInitialStatisticsAreSeen(kind: Finding.Kind, mean: [Float], variance: [Float]) {
        let found = kinds(
            layer {
                ($0.runningMean, $0.runningVariance) = (mean, variance)
                $0.batches = []
            })
        #expect(found.contains(kind))
    }

    @Test func aYoungLayerSaysHowMuchOfItIsStillInitial() throws {
        let finding = try #require(Diagnosis(layer { $0.batchesTracked = 10 }).findings.first)
        #expect(finding.kind == .warmingUp(share: pow(0.9, 10), batches: 10, needed: 29))
        #expect(finding.summary.hasPrefix("35% of the running statistics"))
        #expect(kinds(layer { $0.batchesTracked = 40 }).isEmpty)
    }

    @Test func whatStandsStillIsSaid() {
        #expect(kinds(layer { $0.isStandingStill = true }) == [.standingStill])
    }

    @Test func whatALogLacksIsSaidWithWhatToDo() throws {
        let running = try #require(Diagnosis(layer { $0.runningMean = [] }).findings.last)
        #expect(running.kind == .noRunningStatistics && running.advice.contains("running_mean"))
        let batch = try #require(Diagnosis(layer { $0.batches = [] }).findings.last)
        #expect(batch.kind == .noBatchStatistics && batch.advice.contains("batch_mean"))
        #expect(kinds(LayerObservation()) == [.noRunningStatistics])
    }

    @Test func withoutBatchesItIsSaidHowFarTheMeanMoved() {
        let moved = layer {
            $0.batches = []
            $0.earlierMean = [0.5, -1, 0.5, 2]
        }
        #expect(kinds(moved).contains { if case .drift(_, worst: 2) = $0 { true } else { false } })
    }

    @Test func channelsAReLUWouldSilenceAreANote() throws {
        let finding = try #require(Diagnosis(layer { $0.bias = [0, -4, 0, 0] }).findings.first)
        #expect(finding.kind == .silent && finding.channels == [1] && finding.severity == .note)
    }

    @Test func vectorsOfDifferentLengthsAreNotCompared() {
        let odd = LayerObservation.Batch(mean: [1, 2], variance: [1], runningMean: [1, 2], runningVariance: [1, 2])
        #expect(StatisticsGap([odd], epsilon: 1e-5) == nil)
        _ = Diagnosis(layer { $0.batches = [odd] })
        _ = Diagnosis(layer { $0.runningVariance = [1] })
    }
}

@Suite struct RankDiagnosisTests {
    /// Numbers that are the same in every run, uniform in −1…1 or nearly normal.
    private struct Noise {
        var state: UInt64

        mutating func uniform() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) / Double(1 << 52) - 1
        }

        mutating func normal() -> Double { (0..<12).reduce(0.0) { sum, _ in sum + uniform() } / 2 }
    }

    /// Ranks whose batches' means scatter by `scatter`, each with running statistics of its own that have followed them
    /// for long; `shift` moves the batches that rank 1 sees, in the channel 2, by so many σ.
    private func ranks(
        _ count: Int = 4, channels: Int = 16, scatter: Double, shift: Double = 0, ratio: Double = 1,
        synchronized: Bool = false, broadcast: Bool = false, momentum: Double = 0.1, seed: UInt64 = 1
    ) -> LayerObservation {
        var noise = Noise(state: seed)
        var mean = Array(repeating: Array(repeating: 0.0, count: channels), count: count)
        var variance = Array(repeating: Array(repeating: 1.0, count: channels), count: count)
        var (means, variances): ([[[Float]]], [[[Float]]]) = ([], [])
        for _ in 0..<60 {
            var batch = mean, spread = variance
            for rank in 0..<count {
                for channel in 0..<channels {
                    let isOff = rank == 1 && channel == 2
                    batch[rank][channel] = (isOff ? shift : 0) + scatter * noise.normal()
                    spread[rank][channel] = (isOff ? ratio : 1) * (1 + 0.5 * scatter * noise.uniform())
                }
            }
            if synchronized {
                (batch, spread) = (
                    [[Double]](repeating: batch[0], count: count), [[Double]](repeating: spread[0], count: count)
                )
            }
            for rank in 0..<count {
                for channel in 0..<channels {
                    let before =
                        broadcast
                        ? (mean[0][channel], variance[0][channel]) : (mean[rank][channel], variance[rank][channel])
                    // The first rank's own comes last, so that the others still see what it was.
                    let place = count - 1 - rank
                    let kept = broadcast ? before : (mean[place][channel], variance[place][channel])
                    mean[place][channel] = (1 - momentum) * kept.0 + momentum * batch[place][channel]
                    variance[place][channel] = (1 - momentum) * kept.1 + momentum * spread[place][channel]
                }
            }
            means.append(batch.map { $0.map(Float.init) })
            variances.append(spread.map { $0.map(Float.init) })
        }
        var layer = LayerObservation()
        layer.runningMean = mean[0].map(Float.init)
        layer.runningVariance = variance[0].map(Float.init)
        layer.momentum = .fixed(momentum)
        layer.ranks = RankObservation(
            runningMean: mean.map { $0.map(Float.init) }, runningVariance: variance.map { $0.map(Float.init) },
            batchMeans: means.suffix(8), batchVariances: variances.suffix(8))
        return layer
    }

    private func finding(_ layer: LayerObservation) -> Finding? {
        Diagnosis(layer).findings.first { $0.identifier == "ranks-disagree" }
    }

    @Test func ranksWithStatisticsOfTheirOwnAreFoundWithTheRemedy() throws {
        let found = try #require(finding(ranks(scatter: 0.05, shift: 0.8)))
        #expect(found.severity == .warning && found.channels == [2])
        #expect(found.summary.hasPrefix("4 ranks disagree: rank 1's "))
        #expect(found.advice.contains("torch.nn.SyncBatchNorm.convert_sync_batchnorm(model) before wrapping"))
    }

    @Test func aVarianceOfAnotherSizeIsFound() throws {
        let found = try #require(finding(ranks(scatter: 0.05, ratio: 3)))
        #expect(found.summary.contains("rank 1's running variance") && found.channels == [2])
    }

    /// DDP copies rank 0's running statistics to all before every step: they never differ by more than one batch.
    @Test func whatDDPCopiesAwayShowsInTheBatches() throws {
        let layer = ranks(scatter: 0.05, shift: 0.8, broadcast: true)
        let apart = layer.ranks?.meanDeviations(epsilon: 1e-5)[1][2] ?? 0
        #expect(abs(apart) < Diagnosis.meanLimit)
        let found = try #require(finding(layer))
        #expect(found.summary.contains("rank 1's batches' mean"))
    }

    @Test(arguments: [0.05, 0.2, 0.5, 1], 1...UInt64(4))
    func ranksThatSeeTheSameDataDifferByChanceOnly(scatter: Double, seed: UInt64) {
        #expect(finding(ranks(8, channels: 32, scatter: scatter, seed: seed)) == nil)
        #expect(finding(ranks(8, channels: 32, scatter: scatter, broadcast: true, seed: seed)) == nil)
    }

    @Test func synchronizedRanksAgree() {
        #expect(finding(ranks(scatter: 0.3, shift: 2, synchronized: true)) == nil)
    }

    @Test func oneRankOrTooFewRecordsSayNothing() {
        #expect(finding(ranks(1, scatter: 0.1)) == nil)
        var layer = ranks(scatter: 0.05, shift: 0.8)
        layer.ranks?.batchMeans = []
        layer.ranks?.batchVariances = []
        #expect(finding(layer) == nil)
    }
}
