import Canvas
import Charts
import Diagnosis
import EventLog
import Runs

/// The four quantities of a normalization layer, in the order of their pictures.
enum QuantityPicture: Int, CaseIterable {
    case mean = 1
    case variance, weight, bias

    var quantity: LoggedLayer.Quantity {
        switch self {
        case .mean: .runningMean
        case .variance: .runningVariance
        case .weight: .weight
        case .bias: .bias
        }
    }

    /// The batch statistic that belongs to it; nil for parameters.
    var batch: LoggedLayer.Quantity? {
        switch self {
        case .mean: .batchMean
        case .variance: .batchVariance
        case .weight, .bias: nil
        }
    }

    var title: String {
        switch self {
        case .mean, .variance: quantity.rawValue
        case .weight: "γ weight"
        case .bias: "β bias"
        }
    }

    var style: Style {
        switch self {
        case .mean: Style(.mean)
        case .variance: Style(.variance)
        case .weight: Style(.gamma)
        case .bias: Style(.beta)
        }
    }

    /// Logarithmic for variances, which span decades.
    var scale: ScaleKind { self == .variance ? .logarithmic : .linear }
}

/// The drawing of a layer's quantities: channel by channel at one step, or over time.
struct QuantityDrawing {
    let layer: LoggedLayer
    let moment: LayerMoment
    let channel: Int
    let log: LogSnapshot
    let scale: HorizontalScale
    let window: StepWindow
    let lastStep: Double
    let utcOffset: Int

    /// Draws a quantity channel by channel, or as a histogram where the log has no values of channels.
    func drawNow(_ picture: QuantityPicture, isChosen: Bool, into frame: inout Frame, in rect: Rect) {
        guard !rect.isEmpty else { return }
        let running = moment.values(picture.quantity)
        let batch = picture.batch.map(moment.values) ?? []
        let title = title(picture, isChosen) + (moment.step.map { " · step \($0)" } ?? "")
        if !running.isEmpty {
            draw(picture, title, running, batch, into: &frame, in: rect)
        } else if !batch.isEmpty {
            let own = title.replacing(picture.title, with: picture.batch?.rawValue ?? "")
            draw(picture, own + " (no running)", batch, [], into: &frame, in: rect)
        } else {
            QuantityHistogram(layer: layer, log: log, quantity: picture.quantity, title: title, style: picture.style)
                .draw(into: &frame, in: rect)
        }
    }

    private func title(_ picture: QuantityPicture, _ isChosen: Bool) -> String {
        (isChosen ? "▶ " : "") + picture.title
    }

    private func draw(
        _ picture: QuantityPicture, _ title: String, _ values: [Double], _ batch: [Double], into frame: inout Frame,
        in rect: Rect
    ) {
        if picture == .mean, let band = band(title, values, batch) { return band.draw(into: &frame, in: rect) }
        ChannelChart(
            title: title, values: values, batch: batch, style: picture.style, yScale: picture.scale,
            label: batch.isEmpty ? "" : "running", selected: channel
        ).draw(into: &frame, in: rect)
    }

    /// The mean with its σ, where the variance is known too.
    private func band(_ title: String, _ mean: [Double], _ batch: [Double]) -> VarianceBand? {
        let isRunning = !moment.values(.runningMean).isEmpty
        let variance = moment.values(isRunning ? .runningVariance : .batchVariance)
        guard variance.count == mean.count else { return nil }
        let batchVariance = moment.values(.batchVariance)
        let own = batch.count == batchVariance.count && !batch.isEmpty ? batch : []
        return VarianceBand(
            title: title, running: .init(mean: mean, variance: variance),
            batch: own.isEmpty ? nil : .init(mean: own, variance: batchVariance), selected: channel)
    }

    // MARK: - Process by process

    /// Draws the distance of each process from the first one, channel by channel.
    func drawRanks(
        _ picture: QuantityPicture, _ ranks: RankObservation, into frame: inout Frame, in rect: Rect
    ) {
        let isVariance = picture == .variance
        let epsilon = layer.fact(.epsilon, in: log) ?? 1e-5
        let values =
            isVariance ? ranks.logVarianceDeviations(epsilon: epsilon) : ranks.meanDeviations(epsilon: epsilon)
        guard !values.isEmpty else {
            return frame.pane("by rank", in: rect, note: "the ranks' \(picture.quantity.rawValue) is not in this log")
        }
        let limit = isVariance ? Diagnosis.logVarianceLimit : Diagnosis.meanLimit
        let farthest = values.joined().filter(\.isFinite).map(abs).max() ?? 0
        let full = max(limit, farthest)
        let unit = isVariance ? "ln of ratio" : "σ"
        let size = NumberFormat.fixed(full, decimals: 2) + (isVariance ? "" : "σ")
        var rows = ChannelRows(
            title: "by rank: from rank 0's, in \(unit) · full shade \(size)",
            names: values.indices.map { $0 < 10 ? "rank\($0)" : "r\($0)" }, values: values, full: full,
            above: ("above", Style(.series1)), below: ("below", Style(.series2)), selected: channel)
        // As much as the picture of the mean with its σ leaves at its left.
        if !isVariance { rows.gutter = 6 }
        rows.draw(into: &frame, in: rect)
    }

    // MARK: - Over time

    func drawHistory(_ picture: QuantityPicture, isChosen: Bool, into frame: inout Frame, in rect: Rect) {
        guard !rect.isEmpty else { return }
        let title = title(picture, isChosen) + " over time"
        let quantities = [picture.quantity, picture.batch].compactMap { $0 }
        if let quantity = quantities.first(where: { layer.vectors(of: $0, in: log) != nil }),
            let series = layer.vectors(of: quantity, in: log)
        {
            let name = quantity == picture.quantity ? title : title.replacing(picture.title, with: quantity.rawValue)
            drawStrip(picture, name, series, into: &frame, in: rect)
        } else if let tag = layer.tag(of: picture.quantity, in: log), let series = DistributionSeries(tag, in: log) {
            drawDistributions(title, series, into: &frame, in: rect)
        } else {
            frame.pane(title, in: rect, note: MissingQuantity.note(picture.quantity))
        }
    }

    private func drawStrip(
        _ picture: QuantityPicture, _ title: String, _ series: TensorSeries, into frame: inout Frame, in rect: Rect
    ) {
        let place = { (index: Int) -> Double in
            self.place(step: series[index].step, wallTime: series[index].wallTime)
        }
        let steps = window.range(last: lastStep)
        let first = window.isWhole ? 0 : min(series.lowerBound(step: Int64(steps.lowerBound)), series.count - 1)
        let last =
            window.isWhole
            ? series.count - 1
            : max(first, min(series.count - 1, series.lowerBound(step: Int64(steps.upperBound.rounded(.up)))))
        let range = place(first)...max(place(last), place(first))
        let count = last - first + 1
        let shown = MomentSpread(count: count) { place(first + $0) }.newest(columns: rect.columns, in: range)
            .map { first + $0 }
        HeatStrip(
            title: title, times: shown.map(place), values: shown.map { series[$0].value.map(Double.init) },
            xRange: range, xAxis: scale.effectiveAxis.chartAxis(utcOffset: utcOffset), valueScale: picture.scale,
            selected: channel,
            selectedTime: moment.step.flatMap { series.newest(at: $0) }.map {
                self.place(step: $0.step, wallTime: $0.wallTime)
            }
        ).draw(into: &frame, in: rect)
    }

    private func place(step: Int64, wallTime: Double) -> Double {
        scale.place(of: ScalarPoint(step: step, wallTime: wallTime, value: 0))
    }

    private func drawDistributions(
        _ title: String, _ series: DistributionSeries, into frame: inout Frame, in rect: Rect
    ) {
        let (first, last) = (series.place(0, on: scale), series.place(series.count - 1, on: scale))
        let range = first...max(last, first)
        HistogramHistory(
            title: title,
            moments: series.spread(over: rect.columns, on: scale, in: range).map { index in
                let bins = series.bins(index)
                return .init(time: series.place(index, on: scale), edges: bins.edges, counts: bins.counts)
            }, xRange: range, xAxis: scale.effectiveAxis.chartAxis(utcOffset: utcOffset)
        ).drawHeatMap(into: &frame, in: rect)
    }
}

/// The message for a quantity that the log lacks, with what to do.
enum MissingQuantity {
    static func note(_ quantity: LoggedLayer.Quantity) -> String {
        switch quantity {
        case .weight, .bias: "not in this log: affine=False, or log \(quantity.rawValue) too"
        default: "not in this log: log \(quantity.rawValue) too"
        }
    }
}
