import Canvas
import Testing

@testable import Charts

@Suite struct PixelImageTests {
    private let red = RGB(255, 0, 0)
    private let blue = RGB(0, 0, 255)

    @Test func `two pixels above each other are one cell`() {
        var frame = Frame(size: Size(rows: 1, columns: 1))
        PixelImage(rows: 2, columns: 1, pixels: [red, blue]).draw(into: &frame, in: frame.bounds)
        #expect(frame[0, 0] == Cell("▀", Style(.rgb(red), on: .rgb(blue))))
    }

    @Test(arguments: [
        (3, 3, 10, 40, Size(rows: 9, columns: 18)), (2, 2, 3, 3, Size(rows: 1, columns: 2)),
        (32, 32, 24, 80, Size(rows: 16, columns: 32)), (64, 64, 8, 80, Size(rows: 8, columns: 16)),
        (1, 1, 1, 1, Size(rows: 1, columns: 1)), (0, 0, 5, 5, Size(rows: 0, columns: 0)),
    ])
    func `a picture keeps its shape and takes what room it can`(
        rows: Int, columns: Int, height: Int, width: Int, size: Size
    ) {
        let image = PixelImage(rows: rows, columns: columns, pixels: Array(repeating: red, count: rows * columns))
        #expect(image.size(in: Rect(rows: height, columns: width)) == size)
    }

    @Test func `enlarged, every pixel is equally large`() {
        var frame = Frame(size: Size(rows: 6, columns: 12))
        let pixels = [red, blue, red, blue, red, blue, red, blue, red]
        PixelImage(rows: 3, columns: 3, pixels: pixels).draw(into: &frame, in: frame.bounds)
        let first = (0..<12).map { frame[0, $0].style.ink == .rgb(red) }
        #expect(first == [true, true, true, true, false, false, false, false, true, true, true, true])
        #expect(frame[1, 0].style == Style(.rgb(red), on: .rgb(red)))
        #expect(frame[2, 0].style == Style(.rgb(blue), on: .rgb(blue)))
    }

    @Test func `planes become colours, and what is not finite is seen`() {
        let image = PixelImage(planes: [[0, 1, .nan], [0, 1, 0], [1, 2, 0]], rows: 1, columns: 3, range: 0...1)
        #expect(image.pixels == [RGB(0, 0, 255), RGB(255, 255, 255), RGB(255, 0, 255)])
        let grey = PixelImage(planes: [[-1, 0, 1]], rows: 1, columns: 3, range: -1...1)
        #expect(grey.pixels == [RGB(0, 0, 0), RGB(127, 127, 127), RGB(255, 255, 255)])
    }
}
