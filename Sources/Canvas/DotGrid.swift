/// A grid of dots finer than cells: 2×4 in a cell with braille, 2×2 with quadrant blocks, 1×2 in ASCII.
///
/// Dots are addressed from the upper left corner. A cell can show one ink only and belongs to the one drawn last: dots of
/// another are dropped from it, so that a curve over others keeps its own shape.
package struct DotGrid: Sendable {
    package let size: Size
    package let glyphs: GlyphSet
    private var masks: [UInt8]
    private var styles: [Style]

    /// A grid that covers `size` cells.
    package init(size: Size, glyphs: GlyphSet) {
        self.size = Size(rows: max(0, size.rows), columns: max(0, size.columns))
        self.glyphs = glyphs
        masks = Array(repeating: 0, count: self.size.rows * self.size.columns)
        styles = Array(repeating: .text, count: masks.count)
    }

    package var dotsAcross: Int { size.columns * glyphs.dotsPerCell.across }
    package var dotsDown: Int { size.rows * glyphs.dotsPerCell.down }

    /// Sets one dot; outside of the grid nothing happens.
    package mutating func set(x: Int, y: Int, _ style: Style) {
        guard x >= 0, y >= 0, x < dotsAcross, y < dotsDown else { return }
        let (across, down) = glyphs.dotsPerCell
        let index = y / down * size.columns + x / across
        if styles[index] != style { masks[index] = 0 }
        masks[index] |= 1 << UInt8(y % down * across + x % across)
        styles[index] = style
    }

    /// A straight line between two dots, both included (Bresenham's algorithm).
    package mutating func line(x0: Int, y0: Int, x1: Int, y1: Int, _ style: Style) {
        let dx = abs(x1 - x0)
        let dy = -abs(y1 - y0)
        let stepX = x0 < x1 ? 1 : -1
        let stepY = y0 < y1 ? 1 : -1
        var (x, y, error) = (x0, y0, dx + dy)
        while true {
            set(x: x, y: y, style)
            if x == x1 && y == y1 { return }
            let doubled = 2 * error
            if doubled >= dy {
                error += dy
                x += stepX
            }
            if doubled <= dx {
                error += dx
                y += stepY
            }
        }
    }

    /// Draws the cells that have dots into `rect` of a frame.
    package func draw(into frame: inout Frame, in rect: Rect) {
        for row in 0..<size.rows {
            for column in 0..<size.columns where masks[row * size.columns + column] != 0 {
                let index = row * size.columns + column
                frame.write(String(glyph(masks[index])), row: row, column: column, in: rect, styles[index])
            }
        }
    }

    private func glyph(_ mask: UInt8) -> Character {
        switch glyphs {
        case .braille: Self.braille[Int(mask)]
        case .blocks: Self.quadrants[Int(mask)]
        case .ascii: Self.halves[Int(mask)]
        }
    }

    /// Braille numbers its dots down the left column and then the right one, with the bottom row added later; our masks
    /// count row by row.
    private static let braille: [Character] = (0..<256).map { mask in
        let unicodeBits = [0, 3, 1, 4, 2, 5, 6, 7]
        let code = (0..<8).reduce(0) { mask >> $1 & 1 == 1 ? $0 | 1 << unicodeBits[$1] : $0 }
        return Character(Unicode.Scalar(UInt32(0x2800 + code))!)
    }

    private static let quadrants: [Character] = [
        " ", "▘", "▝", "▀", "▖", "▌", "▞", "▛", "▗", "▚", "▐", "▜", "▄", "▙", "▟", "█",
    ]
    private static let halves: [Character] = [" ", "'", ".", ":"]
}
