import Canvas
import Charts
import EventLog
import Runs

/// A histogram of a layer's channels in one quantity: of the values themselves where the log has them, or else of the
/// logged buckets.
struct QuantityHistogram {
    let layer: LoggedLayer
    let log: LogSnapshot
    let quantity: LoggedLayer.Quantity
    let title: String
    let style: Style

    func draw(into frame: inout Frame, in rect: Rect) {
        let columns = max(4, min(rect.columns - 2, 60))
        var chart: HistogramChart
        if let values = layer.vectors(of: quantity, in: log)?.last?.value.map(Double.init),
            let bins = EqualBins(values, atMost: columns)
        {
            chart = HistogramChart(edges: bins.edges, counts: bins.counts, mean: bins.mean)
            chart.standardDeviation = bins.standardDeviation
        } else if let histogram = layer.histograms(of: quantity, in: log)?.last?.value {
            let bins = histogram.rebinned(columns)
            chart = HistogramChart(edges: bins.edges, counts: bins.counts, mean: histogram.mean)
            chart.standardDeviation = histogram.variance.squareRoot()
        } else {
            frame.pane(title, in: rect, note: MissingQuantity.note(quantity))
            return
        }
        chart.title = title
        chart.style = style
        chart.draw(into: &frame, in: rect)
    }
}
