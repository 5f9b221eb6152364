import Canvas

/// A curve in one row of cells, newest at the right. Where several values share a column the largest is shown; a value that
/// is no finite number is marked.
package struct Sparkline: Sendable {
    package var values: [Double]
    package var style: Style
    /// nil takes the least and the greatest value.
    package var range: ClosedRange<Double>?

    package init(_ values: [Double], style: Style = Style(.accent), range: ClosedRange<Double>? = nil) {
        self.values = values
        self.style = style
        self.range = range
    }

    private static let steps = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    package func draw(into frame: inout Frame, in rect: Rect) {
        guard !rect.isEmpty, !values.isEmpty else { return }
        let columns = min(rect.columns, values.count)
        let finite = values.filter(\.isFinite)
        let scale = ValueScale(range ?? (finite.min() ?? 0)...(finite.max() ?? 1), kind: .linear)
        for column in 0..<columns {
            let part = values[values.count * column / columns..<values.count * (column + 1) / columns]
            let place = rect.columns - columns + column
            guard let value = part.filter(\.isFinite).max(), part.allSatisfy(\.isFinite) else {
                frame.write("✗", column: place, in: rect, .error)
                continue
            }
            let level = ((scale.fraction(value) ?? 0) * 8).clamped(to: 0...7)
            frame.write(Self.steps[level], column: place, in: rect, style)
        }
    }
}
