import Canvas

/// An image of pixels, two in each cell as half blocks, or shades where those can't be shown.
///
/// It is scaled to the rectangle by the nearest pixel, as large as it fits with square pixels, so that a filter of 3×3
/// shows its nine pixels sharply. Nothing is interpolated.
package struct PixelImage: Sendable {
    package let rows: Int
    package let columns: Int
    /// [row][column] in one list.
    package let pixels: [RGB]

    /// - Precondition: there are rows·columns pixels.
    package init(rows: Int, columns: Int, pixels: [RGB]) {
        precondition(rows >= 0 && columns >= 0 && pixels.count == rows * columns, "pixels don't fill the picture")
        self.rows = rows
        self.columns = columns
        self.pixels = pixels
    }

    /// An image from planes of numbers in [channel][row][column]: three are red, green and blue, one is grey. `range`
    /// is stretched from black to white; a number that is not finite becomes magenta.
    ///
    /// - Precondition: there is one plane or there are three, each of rows·columns numbers.
    package init(planes: [[Float]], rows: Int, columns: Int, range: ClosedRange<Float>) {
        precondition(planes.count == 1 || planes.count == 3, "a picture has one plane or three")
        precondition(planes.allSatisfy { $0.count == rows * columns }, "a plane doesn't fill the picture")
        let width = max(range.upperBound - range.lowerBound, .leastNormalMagnitude)
        let level = { (value: Float) in
            UInt8(((Double(value - range.lowerBound) / Double(width)) * 255.999).clamped(to: 0...255))
        }
        let pixels = (0..<rows * columns).map { place in
            let values = planes.map { $0[place] }
            guard values.allSatisfy({ $0.isFinite }) else { return RGB(255, 0, 255) }
            return RGB(level(values[0]), level(values[planes.count / 2]), level(values[planes.count - 1]))
        }
        self.init(rows: rows, columns: columns, pixels: pixels)
    }

    /// The size in cells within `rect`: whole multiples of the pixels while there is room for them.
    package func size(in rect: Rect) -> Size {
        guard rows > 0, columns > 0, !rect.isEmpty else { return Size(rows: 0, columns: 0) }
        let scale = min(Double(rect.rows * 2) / Double(rows), Double(rect.columns) / Double(columns))
        let crisp = scale >= 1 ? scale.rounded(.down) : scale
        return Size(
            rows: min(rect.rows, max(1, (Int((Double(rows) * crisp).rounded()) + 1) / 2)),
            columns: min(rect.columns, max(1, Int((Double(columns) * crisp).rounded()))))
    }

    /// The image reduced by a factor: each pixel is the mean of `factor`×`factor`; pixels left over at the edges are
    /// dropped.
    package func reduced(by factor: Int) -> PixelImage {
        guard factor > 1, rows >= factor, columns >= factor else { return self }
        let (height, width) = (rows / factor, columns / factor)
        let reduced = (0..<height * width).map { place -> RGB in
            let (row, column) = place.quotientAndRemainder(dividingBy: width)
            var sums = (red: 0, green: 0, blue: 0)
            for part in 0..<factor * factor {
                let pixel = pixels[(row * factor + part / factor) * columns + column * factor + part % factor]
                sums.red += Int(pixel.red)
                sums.green += Int(pixel.green)
                sums.blue += Int(pixel.blue)
            }
            let count = factor * factor
            return RGB(UInt8(sums.red / count), UInt8(sums.green / count), UInt8(sums.blue / count))
        }
        return PixelImage(rows: height, columns: width, pixels: reduced)
    }

    package func draw(into frame: inout Frame, in rect: Rect) {
        let size = size(in: rect)
        for row in 0..<size.rows {
            for column in 0..<size.columns {
                guard let upper = pixel(2 * row, column, of: size) else { continue }
                let lower = pixel(2 * row + 1, column, of: size)
                if frame.glyphs.isUnicode {
                    let style = Style(.rgb(upper), on: lower.map(Ink.rgb) ?? .role(.background))
                    frame.write("▀", row: row, column: column, in: rect, style)
                } else {
                    let shade = Self.shade(upper, lower ?? upper)
                    frame.write(shade, row: row, column: column, in: rect, Style(.rgb(upper)))
                }
            }
        }
    }

    /// The pixel at a half row and column of the drawn image; nil under the last one of an odd number of rows.
    private func pixel(_ half: Int, _ column: Int, of size: Size) -> RGB? {
        let halves = columns > size.columns ? size.rows * 2 : rows * (size.columns / columns)
        guard half < halves else { return nil }
        let y = min(rows - 1, half * rows / max(1, halves))
        let x = min(columns - 1, column * columns / size.columns)
        return pixels[y * columns + x]
    }

    private static let shades = [" ", ".", ":", "-", "=", "+", "*", "#", "%", "@"]

    private static func shade(_ upper: RGB, _ lower: RGB) -> String {
        shades[min(9, (brightness(upper) + brightness(lower)) * 5 / 255_001)]
    }

    /// The perceived brightness, 0 to 255,000.
    private static func brightness(_ rgb: RGB) -> Int {
        let (red, green, blue) = (Int(rgb.red), Int(rgb.green), Int(rgb.blue))
        return 299 * red + 587 * green + 114 * blue
    }
}
