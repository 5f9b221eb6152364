import Canvas
import Testing

@testable import Dashboard

@Suite struct OverviewLayoutTests {
    @Test(arguments: [(20, 80), (32, 120), (56, 200), (12, 60), (3, 5), (0, 0)])
    func panesLieInsideAndDoNotOverlap(rows: Int, columns: Int) {
        let rect = Rect(row: 2, column: 0, rows: rows, columns: columns)
        let layout = OverviewLayout(rect)
        let panes = [
            layout.loss, layout.accuracy, layout.mean, layout.variance, layout.weight, layout.bias, layout.checkpoints,
        ]
        for (index, pane) in panes.enumerated() where !pane.isEmpty {
            #expect(pane.intersection(rect) == pane)
            for other in panes[..<index] { #expect(pane.intersection(other).isEmpty) }
        }
    }

    @Test(arguments: [(20, 80), (32, 120), (56, 200)])
    func everyPaneHasRoomForAPicture(rows: Int, columns: Int) {
        let layout = OverviewLayout(Rect(rows: rows, columns: columns))
        for pane in [layout.loss, layout.accuracy, layout.mean, layout.variance, layout.weight, layout.bias] {
            #expect(pane.rows >= 5 && pane.columns >= 24)
        }
    }
}
