import Canvas
import FrameTesting
import Testing

@testable import Charts

/// A chart of any kind, as the tests draw it.
struct Picture: Sendable, CustomTestStringConvertible {
    let name: String
    let draw: @Sendable (inout Frame, Rect) -> Void

    var testDescription: String { name }

    static let all: [Picture] = [
        Picture(name: "loss") { SampleCharts.loss().draw(into: &$0, in: $1) },
        Picture(name: "loss-empty") {
            LineChart(title: "loss", curves: [.init(label: "train", style: .text, points: [])], xRange: 0...0)
                .draw(into: &$0, in: $1)
        },
        Picture(name: "loss-one-point") {
            LineChart(title: "loss", curves: [.init(label: "train", style: .text, points: [(3, 2.3)])], xRange: 3...3)
                .draw(into: &$0, in: $1)
        },
        Picture(name: "loss-trouble") { SampleCharts.trouble().draw(into: &$0, in: $1) },
        Picture(name: "mean-16") { SampleCharts.mean().draw(into: &$0, in: $1) },
        Picture(name: "mean-512") { SampleCharts.mean(512).draw(into: &$0, in: $1) },
        Picture(name: "variance-16") { SampleCharts.variance().draw(into: &$0, in: $1) },
        Picture(name: "channels-empty") { ChannelChart(title: "γ", values: []).draw(into: &$0, in: $1) },
        Picture(name: "histogram") { SampleCharts.histogram().draw(into: &$0, in: $1) },
        Picture(name: "histogram-empty") { HistogramChart(title: "β", edges: [], counts: []).draw(into: &$0, in: $1) },
        Picture(name: "strip-16") { SampleCharts.strip().draw(into: &$0, in: $1) },
        Picture(name: "strip-200") { SampleCharts.strip(200).draw(into: &$0, in: $1) },
        Picture(name: "history") { SampleCharts.history().drawHeatMap(into: &$0, in: $1) },
        Picture(name: "ridges") { SampleCharts.history().drawRidges(into: &$0, in: $1) },
        Picture(name: "ridges-empty") {
            HistogramHistory(title: "γ", moments: [], xRange: 0...0).drawRidges(into: &$0, in: $1)
        },
        Picture(name: "history-empty") {
            HistogramHistory(title: "γ", moments: [], xRange: 0...0).drawHeatMap(into: &$0, in: $1)
        },
        Picture(name: "band-16") { SampleCharts.band().draw(into: &$0, in: $1) },
        Picture(name: "band-500") { SampleCharts.band(500).draw(into: &$0, in: $1) },
        Picture(name: "confusion") { SampleCharts.confusion().draw(into: &$0, in: $1) },
        Picture(name: "confusion-100") { SampleCharts.confusion(100).draw(into: &$0, in: $1) },
        Picture(name: "confusion-empty") { ConfusionMatrix(classes: [], counts: []).draw(into: &$0, in: $1) },
        Picture(name: "image-8") { SampleCharts.image().draw(into: &$0, in: $1) },
        Picture(name: "image-3") { SampleCharts.image(3).draw(into: &$0, in: $1) },
        Picture(name: "image-200") { SampleCharts.image(200).draw(into: &$0, in: $1) },
        Picture(name: "progress") { ProgressBar(fraction: 0.43, text: "43%  2m 07s left").draw(into: &$0, in: $1) },
    ]
}

@Suite struct ChartFrameTests {
    @Test(arguments: Picture.all, [Size(rows: 8, columns: 38), Size(rows: 20, columns: 100)])
    func `a chart is drawn as on file`(picture: Picture, size: Size) {
        var frame = Frame(size: size)
        picture.draw(&frame, frame.bounds)
        let name = "\(picture.name)-\(size.columns)x\(size.rows)"
        let mismatch = FrameFile().mismatch(of: frame, named: name)
        #expect(mismatch == nil)
    }

    @Test(arguments: Picture.all, [GlyphSet.blocks, .ascii])
    func `a chart is drawn as on file without braille`(picture: Picture, glyphs: GlyphSet) {
        var frame = Frame(size: Size(rows: 12, columns: 60), glyphs: glyphs)
        picture.draw(&frame, frame.bounds)
        let mismatch = FrameFile().mismatch(of: frame, named: "\(picture.name)-\(glyphs.rawValue)")
        #expect(mismatch == nil)
    }

    @Test(arguments: Picture.all, GlyphSet.allCases)
    func `a chart of any size stays inside of its rectangle`(picture: Picture, glyphs: GlyphSet) {
        for rows in [1, 2, 3, 4, 6, 8, 9, 40] {
            for columns in [1, 2, 9, 17, 18, 36, 60] {
                var frame = Frame(size: Size(rows: rows + 2, columns: columns + 2), glyphs: glyphs)
                frame.fill(frame.bounds, with: "#")
                let before = frame
                let rect = Rect(row: 1, column: 1, rows: rows, columns: columns)
                picture.draw(&frame, rect)
                #expect(FrameFile.spill(from: before, to: frame, outside: rect).isEmpty, "\(columns)×\(rows)")
            }
        }
    }
}
