import Canvas
import Charts
import EventLog

/// A table under the large chart with the value of each run at the cursor.
struct CurveReadings {
    struct Row {
        let name: String
        let style: Style
        let value: String
        let smoothed: String
        let step: String
        let relative: String
        let wall: String

        /// Reads the newest point at or left of `place`; the row is empty where the curve begins later.
        init(
            _ run: OverlaidRun, _ series: ScalarSeries, _ average: SmoothedSeries?, at place: Double,
            on scale: HorizontalScale, utcOffset: Int
        ) {
            name = run.name
            style = run.style
            let index = scale.index(of: place.nextUp, in: series) - 1
            guard index >= 0 else {
                (value, smoothed, step, relative, wall) = ("", "", "begins later", "", "")
                return
            }
            let point = series[index]
            value = NumberFormat.compact(Double(point.value))
            smoothed = average.flatMap { index < $0.count ? NumberFormat.compact(Double($0[index])) : nil } ?? ""
            step = "\(point.step)"
            relative = NumberFormat.duration(point.wallTime - scale.start)
            wall = TimeAxis.wallTime(utcOffset: utcOffset).text(point.wallTime)
        }
    }

    let rows: [Row]
    let axis: TimeAxis
    private static let widths = [10, 10, 12, 10, 10]

    func draw(into frame: inout Frame, in rect: Rect) {
        let name = max(8, min(40, rect.columns - 2 - Self.widths.reduce(0, +)))
        line(["value", "smoothed", "step", "elapsed", "clock"], "run", name, 0, .dim, into: &frame, in: rect)
        for (place, row) in rows.prefix(max(0, rect.rows - 1)).enumerated() {
            frame.write("●", row: place + 1, in: rect, row.style)
            line(
                [row.value, row.smoothed, row.step, row.relative, row.wall], row.name, name, place + 1, .text,
                into: &frame, in: rect)
        }
    }

    private func line(
        _ fields: [String], _ name: String, _ width: Int, _ row: Int, _ style: Style, into frame: inout Frame,
        in rect: Rect
    ) {
        var column = frame.write(name.padded(to: width - 1), row: row, column: 2, in: rect, style) + 1
        for (field, width) in zip(fields, Self.widths) {
            guard column + width <= rect.columns else { break }
            column = frame.write(field.padded(to: width, right: true), row: row, column: column, in: rect, style)
        }
    }
}
