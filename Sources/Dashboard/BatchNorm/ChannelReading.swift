import Canvas
import Charts
import Diagnosis
import Glibc
import Runs

/// One line with the numbers of the chosen channel, the quantity of the chosen pane first.
struct ChannelReading {
    let channel: Int
    let channels: Int
    let moment: LayerMoment
    let pane: BatchNorm.Pane
    /// The values of each process, where they are shown.
    var ranks: RankObservation?

    func draw(into frame: inout Frame, in rect: Rect) {
        guard !facts(isShort: true).isEmpty else { return }
        if let ranks { return draw(ranks, into: &frame, in: rect) }
        let place = "channel \(channel) of \(channels)" + (moment.step.map { " at step \($0)" } ?? "")
        var column = frame.write(place.fitted(to: rect.columns), in: rect, Style(.accent, .bold))
        for fact in fitting(rect.columns - column) {
            guard column + Self.width(fact) <= rect.columns else { break }
            column += 2
            for part in fact { column = frame.write(part.text, column: column, in: rect, part.style) }
        }
    }

    /// Draws the channel's value in each process, as many as fit.
    private func draw(_ ranks: RankObservation, into frame: inout Frame, in rect: Rect) {
        let place = "channel \(channel) of \(channels)" + (moment.step.map { " at step \($0)" } ?? "")
        var column = frame.write(place.fitted(to: rect.columns), in: rect, Style(.accent, .bold))
        let (rows, symbol) = pane == .variance ? (ranks.runningVariance, "σ²") : (ranks.runningMean, "μ")
        column = frame.write("  \(symbol) by rank", column: column, in: rect, .dim)
        for (rank, row) in rows.enumerated() {
            let text = row[safe: channel].map { NumberFormat.compact(Double($0)) } ?? "–"
            guard column + 3 + text.columns <= rect.columns else {
                frame.write(" …", column: column, in: rect, .dim)
                return
            }
            let isOff = rank > 0 && row[safe: channel] != rows[0][safe: channel]
            column = frame.write("  " + text, column: column, in: rect, isOff ? Style(.accent) : .text)
        }
    }

    /// The parts of the line: all of them, or, where that is too long, the gap to the batch instead of both values.
    private func fitting(_ columns: Int) -> [[Part]] {
        let whole = facts(isShort: false)
        return whole.reduce(0) { $0 + Self.width($1) } <= columns ? whole : facts(isShort: true)
    }

    private static func width(_ fact: [Part]) -> Int { 2 + fact.reduce(0) { $0 + $1.text.columns } }

    private typealias Part = (text: String, style: Style)

    private func value(_ quantity: LoggedLayer.Quantity) -> Double? { moment.values(quantity)[safe: channel] }

    private func facts(isShort: Bool) -> [[Part]] {
        let mean = [named("μ", .runningMean, Style(.mean)), batchMean(isShort)]
        let variance = [named("σ²", .runningVariance, Style(.variance)), batchVariance(isShort)]
        let parameters = [named("γ", .weight, Style(.gamma)), named("β", .bias, Style(.beta))]
        let all = pane == .variance ? variance + mean + parameters : mean + variance + parameters
        let ordered = pane == .weight || pane == .bias ? parameters + mean + variance : all
        return ordered.compactMap { $0 }
    }

    private func named(_ symbol: String, _ quantity: LoggedLayer.Quantity, _ style: Style) -> [Part]? {
        value(quantity).map { number($0, symbol, style) }
    }

    private func number(_ value: Double, _ symbol: String, _ style: Style) -> [Part] {
        [(symbol + " ", style), (NumberFormat.compact(value), value.isFinite ? .text : .error)]
    }

    private func batchMean(_ isShort: Bool) -> [Part]? {
        guard let batch = value(.batchMean) else { return nil }
        guard let mean = value(.runningMean), let variance = value(.runningVariance), variance > 0 else {
            return number(batch, "batch", .dim)
        }
        let gap = "\(signed((batch - mean) / variance.squareRoot()))σ"
        return isShort ? [("batch \(gap)", .dim)] : number(batch, "batch", .dim) + [(" (\(gap))", .dim)]
    }

    private func batchVariance(_ isShort: Bool) -> [Part]? {
        guard let batch = value(.batchVariance) else { return nil }
        guard let variance = value(.runningVariance), variance > 0, batch > 0 else {
            return number(batch, "batch", .dim)
        }
        let gap = "ln \(signed(log(batch / variance)))"
        return isShort ? [("batch \(gap)", .dim)] : number(batch, "batch", .dim) + [(" (\(gap))", .dim)]
    }

    private func signed(_ value: Double) -> String {
        let text = NumberFormat.fixed(value, decimals: 2)
        return text.hasPrefix("-") ? text : "+" + text
    }
}
