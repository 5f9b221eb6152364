/// The geometry of graphic characters, in parts of a cell: 0 is its left or upper edge, 1 the right or lower one.
enum BlockShapes {
    struct Point {
        let x: Double
        let y: Double
    }

    struct Part {
        let x: Double
        let y: Double
        let width: Double
        let height: Double
    }

    static func isShape(_ character: Character) -> Bool {
        guard let value = character.unicodeScalars.first?.value, value >= 0x2500 else { return false }
        switch value {
        case 0x2580...0x2590, 0x2594, 0x2595, 0x2596...0x259F, 0x2800...0x28FF: return true
        default: return strokes[character] != nil
        }
    }

    /// Block elements (U+2580–U+259F) as rectangles.
    static func rectangles(_ character: Character) -> [Part] {
        guard let value = character.unicodeScalars.first?.value else { return [] }
        switch value {
        case 0x2580: return [Part(x: 0, y: 0, width: 1, height: 0.5)]
        case 0x2581...0x2588:
            let height = Double(value - 0x2580) / 8
            return [Part(x: 0, y: 1 - height, width: 1, height: height)]
        case 0x2589...0x258F: return [Part(x: 0, y: 0, width: Double(0x2590 - value) / 8, height: 1)]
        case 0x2590: return [Part(x: 0.5, y: 0, width: 0.5, height: 1)]
        case 0x2594: return [Part(x: 0, y: 0, width: 1, height: 0.125)]
        case 0x2595: return [Part(x: 0.875, y: 0, width: 0.125, height: 1)]
        case 0x2596...0x259F: return quadrants(quadrantMasks[Int(value - 0x2596)])
        default: return []
        }
    }

    /// Bits: upper left, upper right, lower left, lower right; in the order of U+2596–U+259F.
    private static let quadrantMasks: [UInt8] = [4, 8, 1, 13, 9, 7, 11, 2, 6, 14]

    private static func quadrants(_ mask: UInt8) -> [Part] {
        (0..<4).filter { mask >> UInt8($0) & 1 == 1 }.map {
            Part(x: Double($0 % 2) / 2, y: Double($0 / 2) / 2, width: 0.5, height: 0.5)
        }
    }

    /// Braille patterns as the centres of their dots. Unicode numbers them down the left column, then the right one,
    /// and then the lowest row.
    static func dots(_ character: Character) -> [Point] {
        guard let value = character.unicodeScalars.first?.value, (0x2800...0x28FF).contains(value) else { return [] }
        let places: [(Double, Double)] = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]
        return (0..<8).filter { (value - 0x2800) >> UInt32($0) & 1 == 1 }.map {
            Point(x: 0.25 + places[$0].0 * 0.5, y: 0.125 + places[$0].1 * 0.25)
        }
    }

    /// Box-drawing characters as lines that meet at the edges of cells.
    static func lines(_ character: Character) -> [[Point]] { strokes[character] ?? [] }

    private static let left = Point(x: 0, y: 0.5)
    private static let right = Point(x: 1, y: 0.5)
    private static let top = Point(x: 0.5, y: 0)
    private static let bottom = Point(x: 0.5, y: 1)
    private static let middle = Point(x: 0.5, y: 0.5)

    private static let strokes: [Character: [[Point]]] = [
        "─": [[left, right]], "│": [[top, bottom]], "┌": [[bottom, middle, right]], "┐": [[bottom, middle, left]],
        "└": [[top, middle, right]], "┘": [[top, middle, left]], "├": [[top, bottom], [middle, right]],
        "┤": [[top, bottom], [middle, left]], "┬": [[left, right], [middle, bottom]],
        "┴": [[left, right], [middle, top]], "┼": [[left, right], [top, bottom]],
        "╭": [[bottom, Point(x: 0.5, y: 0.75), Point(x: 0.75, y: 0.5), right]],
        "╮": [[bottom, Point(x: 0.5, y: 0.75), Point(x: 0.25, y: 0.5), left]],
        "╰": [[top, Point(x: 0.5, y: 0.25), Point(x: 0.75, y: 0.5), right]],
        "╯": [[top, Point(x: 0.5, y: 0.25), Point(x: 0.25, y: 0.5), left]],
        "┈": (0..<4).map { dash(Double($0), across: true) }, "┊": (0..<4).map { dash(Double($0), across: false) },
    ]

    private static func dash(_ number: Double, across: Bool) -> [Point] {
        [number / 4 + 0.05, number / 4 + 0.17].map { across ? Point(x: $0, y: 0.5) : Point(x: 0.5, y: $0) }
    }
}
