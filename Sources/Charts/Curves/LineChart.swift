import Canvas

/// A line chart: each curve is asked for one extent a dot column, so that no spike is lost at any width and a million
/// points cost what the columns cost.
///
/// Curves are drawn in order, a raw one before its smoothed one. Whatever is no finite number is marked at the edge of the
/// plot where it happened, and so is what a logarithmic axis can't show.
package struct LineChart: Sendable {
    package struct Curve: Sendable {
        package typealias Sampler = @Sendable (_ range: ClosedRange<Double>, _ columns: Int) -> [ColumnExtent]

        /// The name in the legend; empty for none.
        package let label: String
        package let style: Style
        package let sample: Sampler

        package init(label: String, style: Style, sample: @escaping Sampler) {
            self.label = label
            self.style = style
            self.sample = sample
        }

        /// A short curve of points in order of x.
        package init(label: String, style: Style, points: [(x: Double, y: Double)]) {
            self.init(label: label, style: style) { ColumnExtent.columns(points, in: $0, count: $1) }
        }
    }

    /// An event at one x: a vertical line with a letter on top.
    package struct Mark: Sendable {
        package let x: Double
        package let letter: Character
        package let style: Style

        package init(x: Double, letter: Character, style: Style = .warning) {
            self.x = x
            self.letter = letter
            self.style = style
        }
    }

    package var title: String
    package var curves: [Curve]
    package var xRange: ClosedRange<Double>
    /// The range of the vertical axis; nil fits it to what is visible.
    package var yRange: ClosedRange<Double>?
    package var yScale: ScaleKind
    package var xAxis: TimeAxis
    package var marks: [Mark]
    /// The x of the cursor: a line there, and its values in the legend instead of the last ones.
    package var cursor: Double?
    /// Whether the curves' names stand elsewhere too, so that their values matter more where room is scarce.
    package var namesAreElsewhere = false

    package init(
        title: String = "", curves: [Curve], xRange: ClosedRange<Double>, yRange: ClosedRange<Double>? = nil,
        yScale: ScaleKind = .linear, xAxis: TimeAxis = .step, marks: [Mark] = [], cursor: Double? = nil
    ) {
        self.title = title
        self.curves = curves
        self.xRange = xRange
        self.yRange = yRange
        self.yScale = yScale
        self.xAxis = xAxis
        self.marks = marks
        self.cursor = cursor
    }

    package func draw(into frame: inout Frame, in rect: Rect) {
        guard !rect.isEmpty else { return }
        let view = LineChartView(self, in: rect, glyphs: frame.glyphs)
        view.drawAxes(into: &frame)
        view.drawMarks(into: &frame)
        view.drawCurves(into: &frame)
        view.drawAlarms(into: &frame)
        view.drawHeader(into: &frame)
    }
}
