import Canvas

/// The layout of a chart: a header line, labels left of the plot, the plot, an axis and labels below it. The smaller
/// the rectangle, the more of them are left out, the plot last.
struct PlotArea: Equatable, Sendable {
    /// Title and legend; empty where there is no room.
    let header: Rect
    /// Labels of the vertical axis and, in its last column, the axis itself.
    let gutter: Rect
    let plot: Rect
    /// The horizontal axis line, under gutter and plot.
    let axis: Rect
    /// Labels of the horizontal axis, under gutter and plot.
    let labels: Rect

    /// - Parameter gutter: columns for the labels of the vertical axis, without the axis line; 0 for none.
    init(_ rect: Rect, header wantsHeader: Bool, gutter: Int) {
        let (header, body) = rect.split(top: wantsHeader && rect.rows >= 3 ? 1 : 0)
        let labelRows = body.rows >= 4 ? 1 : 0
        let axisRows = body.rows >= 8 ? 1 : 0
        let (top, below) = body.split(top: body.rows - labelRows - axisRows)
        let hasGutter = gutter > 0 && rect.columns >= gutter + 12 && top.rows >= 2
        (self.gutter, plot) = top.split(left: hasGutter ? gutter + 1 : 0)
        (axis, labels) = below.split(top: axisRows)
        self.header = header
    }

    /// The number of labels for which the vertical axis has room.
    var tickRoom: Int { max(2, (plot.rows + 1) / 2) }

    /// Draws the vertical axis: labels, axis line and, on demand, grid lines. `row` gives the row of the plot for a
    /// tick.
    func drawVertical(_ ticks: Ticks, into frame: inout Frame, grid: Bool = true, row place: (Double) -> Int?) {
        for row in 0..<(gutter.isEmpty ? 0 : plot.rows) {
            frame.write("│", row: row, column: gutter.columns - 1, in: gutter, .border)
        }
        var used: Set<Int> = []
        for (value, label) in zip(ticks.values, ticks.labels) {
            guard let row = place(value), (0..<plot.rows).contains(row), used.insert(row).inserted else { continue }
            if grid {
                let dots = String(repeating: frame.glyphs.isUnicode ? "┈┈" : ". ", count: (plot.columns + 1) / 2)
                frame.write(dots, row: row, in: plot, .border)
            }
            guard !gutter.isEmpty else { continue }
            frame.write(label.padded(to: gutter.columns - 1, right: true), row: row, in: gutter, .dim)
            frame.write("┤", row: row, column: gutter.columns - 1, in: gutter, .border)
        }
    }

    /// Draws the horizontal axis: its line and labels under columns of the plot; a label that would touch its neighbour
    /// is left out.
    func drawHorizontal(_ ticks: [(column: Int, label: String)], unit: String = "", into frame: inout Frame) {
        let shift = gutter.columns
        if !axis.isEmpty {
            let line = String(repeating: "─", count: plot.columns)
            frame.write(line, column: shift, in: axis, .border)
            if shift > 0 { frame.write("└", column: shift - 1, in: axis, .border) }
        }
        var free = 0
        if unit.columns <= shift - 1, !labels.isEmpty {
            frame.write(unit.padded(to: shift - 1, right: true), in: labels, .border)
            free = unit.isEmpty ? 0 : shift
        }
        for tick in ticks.sorted(by: { $0.column < $1.column }) where (0..<plot.columns).contains(tick.column) {
            let wanted = shift + tick.column - tick.label.columns / 2
            let start = max(min(wanted, labels.columns - tick.label.columns), shift > 0 ? 0 : max(0, wanted))
            guard start >= free, start + tick.label.columns <= labels.columns else { continue }
            frame.write(tick.label, column: start, in: labels, .dim)
            if !axis.isEmpty { frame.write("┬", column: shift + tick.column, in: axis, .border) }
            free = start + tick.label.columns + 2
        }
    }
}
