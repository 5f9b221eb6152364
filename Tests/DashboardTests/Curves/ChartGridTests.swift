import Canvas
import EventLog
import Testing

@testable import Dashboard

@Suite struct ChartGridTests {
    @Test(arguments: [(19, 80), (31, 120), (55, 200), (3, 10), (0, 0)], [0, 1, 2, 5, 30, 1000])
    func cellsLieInsideAndDoNotOverlap(size: (Int, Int), charts: Int) {
        let rect = Rect(row: 3, column: 0, rows: size.0, columns: size.1)
        let grid = ChartGrid(rect, charts: charts)
        #expect(grid.cells.count == grid.perPage && grid.perPage >= 1)
        for (index, cell) in grid.cells.enumerated() {
            #expect(rect.intersection(cell) == cell || cell.isEmpty)
            for other in grid.cells[(index + 1)...] { #expect(cell.intersection(other).isEmpty) }
        }
    }

    @Test(arguments: [(19, 80, 4), (31, 120, 9), (55, 200, 30)])
    func chartsStayLegible(rows: Int, columns: Int, atLeast: Int) {
        let grid = ChartGrid(Rect(rows: rows, columns: columns), charts: 100)
        #expect(grid.perPage >= atLeast)
        #expect(grid.cells.allSatisfy { $0.rows >= 8 && $0.columns >= 35 })
    }

    @Test func everyChartIsOnOnePage() {
        let items = Array(0..<23)
        let grid = ChartGrid(Rect(rows: 31, columns: 120), charts: items.count)
        var seen: [Int] = []
        var index = 0
        while index < items.count {
            seen += grid.page(of: index, items)
            index += grid.perPage
        }
        #expect(seen == items)
    }

    @Test func tagsAreGroupedByWhatStandsBeforeTheirFirstSlash() {
        let groups = TagGroup.groups(of: ["train/loss", "lr", "val/loss", "train/a/b", "/x"])
        #expect(groups.map(\.name) == ["train", "lr", "val", ""])
        #expect(groups[0].tags == ["train/loss", "train/a/b"])
    }

    @Test func theMachinesTagsComeLast() {
        let groups = TagGroup.groups(of: ["system/cpu_percent", "train/loss", "lr"])
        #expect(groups.map(\.name) == ["train", "lr", "system"])
    }
}

@Suite struct SmoothedCurvesTests {
    private func series(_ count: Int) -> ScalarSeries {
        var series = ScalarSeries()
        for step in 0..<count { series.append(step: Int64(step), wallTime: 0, value: Float(step % 7)) }
        return series
    }

    /// Averaging in pieces gives the same as averaging at once.
    @Test func aLongSeriesIsAveragedInPiecesUntilItIsDone() throws {
        let long = series(1_000_000)
        let name = SmoothedCurves.Name(run: "a", tag: "loss")
        var curves = SmoothedCurves()
        var calls = 0
        repeat {
            curves.extend([(name, long)], weight: 0.9)
            calls += 1
        } while curves.isBehind
        #expect(calls > 1)
        let whole = long.smoothed(weight: 0.9)
        let average = try #require(curves[name])
        #expect(average.count == whole.count && average.last == whole.last)
    }

    @Test func whatIsNotShownAnyMoreIsForgotten() {
        let names = ["a", "b"].map { SmoothedCurves.Name(run: $0, tag: "loss") }
        var curves = SmoothedCurves()
        curves.extend([(names[0], series(5)), (names[1], series(5))], weight: 0.9)
        curves.extend([(names[1], series(5))], weight: 0.9)
        #expect(curves[names[0]] == nil && curves[names[1]] != nil)
        curves.extend([(names[1], series(5))], weight: 0)
        #expect(curves[names[1]] == nil)
    }
}
