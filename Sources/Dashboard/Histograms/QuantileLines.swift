import Canvas
import Charts

/// The quantiles under a histogram: names over values.
struct QuantileLines {
    let quantiles: [(name: String, value: Double)]
    static let width = 10

    func draw(into frame: inout Frame, in rect: Rect) {
        for (place, quantile) in quantiles.enumerated() {
            let column = place * Self.width
            frame.write(quantile.name.padded(to: Self.width - 1, right: true), row: 0, column: column, in: rect, .dim)
            frame.write(
                NumberFormat.compact(quantile.value).padded(to: Self.width - 1, right: true), row: 1, column: column,
                in: rect)
        }
    }
}
