import Canvas

/// The layout of the Overview: curves above, statistics in the middle, γ, β and checkpoints below.
///
/// Curves get two fifths of the height and never fewer than six rows while there is room for anything else.
struct OverviewLayout: Equatable {
    let loss: Rect
    let accuracy: Rect
    let mean: Rect
    let variance: Rect
    let weight: Rect
    let bias: Rect
    let checkpoints: Rect
    /// The areas of all panes about a normalization layer, for runs that have none.
    let normalization: [Rect]

    private static let gap = 1

    init(_ rect: Rect) {
        let (top, lower) = rect.split(top: min(rect.rows, max(6, rect.rows * 2 / 5)))
        let (middle, bottom) = lower.split(top: lower.rows / 2)
        (loss, accuracy) = Self.halves(top, left: 0.6)
        (mean, variance) = Self.halves(middle, left: 0.5)
        let side = max(26, rect.columns / 4)
        let (histograms, rest) = bottom.split(left: rect.columns - side)
        (weight, bias) = Self.halves(histograms, left: 0.5)
        checkpoints = rest.split(left: Self.gap).rest
        normalization = [middle, histograms]
    }

    private static func halves(_ rect: Rect, left fraction: Double) -> (Rect, Rect) {
        let (left, right) = rect.split(left: Int(Double(rect.columns) * fraction))
        return (left, right.split(left: gap).rest)
    }
}
