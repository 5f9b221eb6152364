import Canvas
import Charts
import Checkpoints

/// The details of a normalization layer: its channels as four pictures, of the running mean with its σ, the running
/// variance, γ and β.
struct LayerDetail {
    let channels: LayerChannels

    func draw(into frame: inout Frame, in rect: Rect) {
        let tracked = channels.batchesTracked.map { "  \($0) batches tracked" } ?? ""
        let count = max(channels.mean.count, channels.variance.count, channels.weight.count)
        let title = "\(channels.layer)  \(count) channels" + tracked
        frame.write(title.fitted(to: rect.columns), in: rect, .title)
        let (_, room) = rect.split(top: 1)
        let (top, bottom) = room.split(top: (room.rows + 1) / 2)
        let (upper, lower) = rect.columns >= 70 ? (columns(top), columns(bottom)) : (rows(top), rows(bottom))
        drawMean(into: &frame, in: upper[0])
        draw("running_var", channels.variance, Style(.variance), .logarithmic, into: &frame, in: upper[1])
        draw("γ weight", channels.weight, Style(.gamma), .linear, into: &frame, in: lower[0])
        draw("β bias", channels.bias, Style(.beta), .linear, into: &frame, in: lower[1])
    }

    /// Two pictures side by side, with a column between them.
    private func columns(_ rect: Rect) -> [Rect] {
        let halves = rect.columns(2)
        return [halves[0], halves[1].split(left: 1).rest]
    }

    /// Two pictures, one above the other, where there is no room side by side.
    private func rows(_ rect: Rect) -> [Rect] {
        let (top, rest) = rect.split(top: (rect.rows + 1) / 2)
        return [top, rest]
    }

    private func drawMean(into frame: inout Frame, in rect: Rect) {
        guard channels.mean.count == channels.variance.count else {
            return draw("running_mean", channels.mean, Style(.mean), .linear, into: &frame, in: rect)
        }
        let statistics = VarianceBand.Statistics(mean: channels.mean, variance: channels.variance)
        VarianceBand(title: "running_mean", running: statistics).draw(into: &frame, in: rect)
    }

    private func draw(
        _ title: String, _ values: [Double], _ style: Style, _ scale: ScaleKind, into frame: inout Frame, in rect: Rect
    ) {
        guard !values.isEmpty else { return frame.pane(title, in: rect, note: "not in this layer") }
        ChannelChart(title: title, values: values, style: style, yScale: scale).draw(into: &frame, in: rect)
    }
}
