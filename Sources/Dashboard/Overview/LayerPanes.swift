import Canvas
import Charts
import EventLog
import Runs

/// The four panes of a normalization layer: running mean and variance by channel beside the batch's own, γ and β.
struct LayerPanes {
    let log: LogSnapshot
    let layer: LoggedLayer
    /// ` (2 of 21)`, or nothing where there is only one layer.
    let place: String

    func draw(into frame: inout Frame, _ layout: OverviewLayout) {
        drawChannels(.runningMean, .batchMean, Style(.mean), .linear, into: &frame, in: layout.mean)
        drawChannels(
            .runningVariance, .batchVariance, Style(.variance), .logarithmic, into: &frame, in: layout.variance)
        drawHistogram(.weight, "γ", Style(.gamma), into: &frame, in: layout.weight)
        drawHistogram(.bias, "β", Style(.beta), into: &frame, in: layout.bias)
    }

    private func newest(_ quantity: LoggedLayer.Quantity) -> [Double]? {
        layer.vectors(of: quantity, in: log)?.last?.value.map(Double.init)
    }

    /// Draws a statistic channel by channel where the log has vectors, or as a histogram.
    private func drawChannels(
        _ running: LoggedLayer.Quantity, _ batch: LoggedLayer.Quantity, _ style: Style, _ scale: ScaleKind,
        into frame: inout Frame, in rect: Rect
    ) {
        let batchValues = newest(batch)
        guard let values = newest(running) ?? batchValues else {
            drawHistogram(running, "", style, into: &frame, in: rect)
            return
        }
        ChannelChart(
            title: "\(layer.name)\(place) \(running.rawValue)", values: values, batch: batchValues ?? [], style: style,
            yScale: scale
        ).draw(into: &frame, in: rect)
    }

    private func drawHistogram(
        _ quantity: LoggedLayer.Quantity, _ symbol: String, _ style: Style, into frame: inout Frame, in rect: Rect
    ) {
        let title =
            symbol.isEmpty
            ? "\(layer.name)\(place) \(quantity.rawValue)" : "\(symbol) \(layer.name).\(quantity.rawValue)"
        QuantityHistogram(layer: layer, log: log, quantity: quantity, title: title, style: style)
            .draw(into: &frame, in: rect)
    }
}
