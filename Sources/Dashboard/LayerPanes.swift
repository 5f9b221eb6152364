import Canvas
import Charts
import EventLog

/// The four panes of one normalization layer: running mean and variance per channel beside the batch's own, γ and β.
struct LayerPanes {
    let log: LogSnapshot
    let layer: String
    /// ` (2 of 21)`, or nothing where there is only one layer.
    let place: String

    func draw(into frame: inout Frame, _ layout: OverviewLayout) {
        drawChannels("running_mean", "batch_mean", Style(.mean), .linear, into: &frame, in: layout.mean)
        drawChannels("running_var", "batch_var", Style(.variance), .logarithmic, into: &frame, in: layout.variance)
        drawHistogram("weight", "γ", Style(.gamma), into: &frame, in: layout.weight)
        drawHistogram("bias", "β", Style(.beta), into: &frame, in: layout.bias)
    }

    private func newest(_ name: String) -> [Double]? {
        log.tensors["batchnorm/\(layer)/\(name)"]?.last?.value.map(Double.init)
    }

    private func drawChannels(
        _ running: String, _ batch: String, _ style: Style, _ scale: ScaleKind, into frame: inout Frame, in rect: Rect
    ) {
        let title = "\(layer)\(place) \(running)"
        let batchValues = newest(batch)
        guard let values = newest(running) ?? batchValues else {
            frame.pane(title, in: rect, note: "not in this log")
            return
        }
        ChannelChart(title: title, values: values, batch: batchValues ?? [], style: style, yScale: scale)
            .draw(into: &frame, in: rect)
    }

    /// From the channels' own values where the log holds them; a logged histogram knows only its buckets.
    private func drawHistogram(
        _ name: String, _ symbol: String, _ style: Style, into frame: inout Frame, in rect: Rect
    ) {
        let title = "\(symbol) \(layer).\(name)"
        let columns = max(4, min(rect.columns - 2, 60))
        var chart: HistogramChart
        if let values = newest(name), let bins = EqualBins(values, atMost: columns) {
            chart = HistogramChart(edges: bins.edges, counts: bins.counts, mean: bins.mean)
            chart.standardDeviation = bins.standardDeviation
        } else if let histogram = log.histograms["\(layer).\(name)"]?.last?.value {
            let bins = histogram.rebinned(columns)
            chart = HistogramChart(edges: bins.edges, counts: bins.counts, mean: histogram.mean)
            chart.standardDeviation = histogram.variance.squareRoot()
        } else {
            frame.pane(title, in: rect, note: "not in this log")
            return
        }
        chart.title = title
        chart.style = style
        chart.draw(into: &frame, in: rect)
    }
}
