import Canvas
import Charts
import Diagnosis
import Runs

/// A table of normalization layers, one a line, the columns that say most about their health first.
struct LayerTable {
    let list: FilteredList<LoggedLayer>
    let health: LayerHealthCache
    /// The number of columns that are scrolled out to the left.
    let shift: Int
    let isFocused: Bool

    private struct Column: Sendable {
        let title: String
        let width: Int
        var warns: @Sendable (LayerHealth) -> Bool = { _ in false }
        let text: @Sendable (LayerHealth) -> String
    }

    /// Only where several processes train together.
    private static let spread = Column(
        title: "ranks", width: 8,
        warns: { $0.diagnosis.findings.contains { $0.identifier == "ranks-disagree" } }
    ) { $0.rankSpread.map { NumberFormat.fixed($0, decimals: 2) + "σ" } ?? "–" }

    private static func columns(withRanks: Bool) -> [Column] {
        withRanks ? Array(columns.prefix(3)) + [spread] + columns.dropFirst(3) : columns
    }

    private static let columns: [Column] = [
        Column(title: "ch", width: 6) { $0.channels > 0 ? NumberFormat.count($0.channels) : "–" },
        Column(title: "Δμ", width: 8, warns: { abs(meanGap($0) ?? 0) >= Diagnosis.meanLimit }) {
            meanGap($0).map { signed($0) + "σ" } ?? "–"
        },
        Column(title: "Δlnσ²", width: 8, warns: { abs(varianceGap($0) ?? 0) >= Diagnosis.logVarianceLimit }) {
            varianceGap($0).map(signed) ?? "–"
        },
        Column(title: "dead", width: 6, warns: { !$0.diagnosis.dead.isEmpty }) { count($0.diagnosis.dead.count) },
        Column(title: "✗", width: 5, warns: { !$0.diagnosis.nonFinite.isEmpty }) {
            count($0.diagnosis.nonFinite.count)
        },
        range("running mean", .runningMean), range("running var", .runningVariance), range("γ", .weight),
        range("β", .bias),
        Column(title: "mom", width: 6) { health in
            switch health.momentum {
            case .fixed(let momentum): "\(momentum)".fitted(to: 5)
            case .cumulative: "None"
            case nil: "–"
            }
        },
        Column(title: "batches", width: 9) { $0.batchesTracked.map(NumberFormat.count) ?? "–" },
    ]

    static func columnCount(withRanks: Bool) -> Int { columns(withRanks: withRanks).count }

    private static func range(_ title: String, _ quantity: LoggedLayer.Quantity) -> Column {
        Column(title: title, width: 16) { health in
            health.range(of: quantity).map(NumberFormat.range) ?? "–"
        }
    }

    private static func meanGap(_ health: LayerHealth) -> Double? {
        health.diagnosis.gap.flatMap { StatisticsGap.largest($0.mean)?.value }
    }

    private static func varianceGap(_ health: LayerHealth) -> Double? {
        health.diagnosis.gap.flatMap { StatisticsGap.largest($0.logVariance)?.value }
    }

    private static func signed(_ value: Double) -> String {
        guard abs(value) < 99.5 else { return (value < 0 ? "−" : "+") + NumberFormat.compact(abs(value)) }
        let text = NumberFormat.fixed(value, decimals: 2)
        return text.hasPrefix("-") ? "−" + text.dropFirst() : "+" + text
    }

    private static func count(_ number: Int) -> String { number == 0 ? "·" : NumberFormat.count(number) }

    /// - Parameter heading: what stands over the names: a filter, the order.
    func draw(into frame: inout Frame, in rect: Rect, heading: String) {
        guard !rect.isEmpty else { return }
        let columns = Self.columns(withRanks: health.hasRanks).dropFirst(shift)
        let longest = list.items.reduce(10) { max($0, $1.name.columns) } + 3
        let wanted = columns.reduce(0) { $0 + $1.width }
        let nameRoom = max(min(longest, 24), min(longest, rect.columns - wanted))
        var used = nameRoom
        let shown = columns.prefix {
            used += $0.width
            return used <= rect.columns
        }
        let more = shown.count < columns.count || shift > 0
        frame.write(heading.fitted(to: nameRoom), in: rect, isFocused ? .title : .dim)
        var column = nameRoom
        for field in shown {
            frame.write(field.title.padded(to: field.width, right: true), column: column, in: rect, .dim)
            column += field.width
        }
        if more, column + 2 <= rect.columns { frame.write(" …", column: column, in: rect, .dim) }
        let (_, body) = rect.split(top: 1)
        for (row, line) in list.lines(body.rows).enumerated() {
            draw(line.item, Array(shown), nameRoom, row: row, isChosen: line.isChosen, into: &frame, in: body)
        }
    }

    private func draw(
        _ layer: LoggedLayer, _ columns: [Column], _ nameRoom: Int, row: Int, isChosen: Bool,
        into frame: inout Frame, in rect: Rect
    ) {
        let ground = isChosen ? Style.selection : .text
        frame.write(String(repeating: " ", count: rect.columns), row: row, in: rect, ground)
        let health = health[layer.name]
        let mark = health.map { SeverityMark($0.diagnosis.severity) }
        let ink = mark?.style.ink ?? ground.ink
        frame.write(mark?.text ?? "…", row: row, in: rect, Style(ink, on: ground.paper, .bold))
        frame.write(layer.name.endFitted(to: nameRoom - 3), row: row, column: 2, in: rect, ground)
        guard let health else { return }
        var column = nameRoom
        for field in columns {
            let ink = field.warns(health) ? Style.warning.ink : ground.ink
            frame.write(
                field.text(health).padded(to: field.width, right: true), row: row, column: column, in: rect,
                Style(ink, on: ground.paper))
            column += field.width
        }
    }
}

extension NumberFormat {
    /// `-1.134…0.6443`, or one number where both are written alike.
    static func range(_ range: ClosedRange<Double>) -> String {
        let (low, high) = (compact(range.lowerBound), compact(range.upperBound))
        return low == high ? low : "\(low)…\(high)"
    }
}
