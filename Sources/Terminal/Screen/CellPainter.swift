import CNcurses
import Canvas

/// The conversion of cells to what curses draws: characters with attributes and a colour pair.
///
/// Not a cache of the screen: it remembers only how styles look in the theme and on this terminal.
struct CellPainter {
    /// The curses attributes and colour pair of a style.
    struct Look: Equatable {
        var attributes: attr_t
        var pair: Int32
    }

    let depth: ColourDepth
    let theme: Theme
    private var looks: [Style: Look] = [:]
    private var numbers: [RGB: Int32] = [:]

    /// The most styles that are cached; images can bring any number of them.
    private static let mostStyles = 20_000

    init(theme: Theme, depth: ColourDepth) {
        self.theme = theme
        self.depth = depth
    }

    mutating func look(_ style: Style) -> Look {
        if let known = looks[style] { return known }
        if looks.count >= Self.mostStyles {
            looks.removeAll()
            numbers.removeAll()
        }
        let look = depth == .none ? Self.plainLook(style) : colouredLook(style)
        looks[style] = look
        return look
    }

    private static func attributes(_ style: Style) -> attr_t {
        var attributes: attr_t = 0
        if style.attributes.contains(.bold) { attributes |= normscope_bold() }
        if style.attributes.contains(.underline) { attributes |= normscope_underline() }
        if style.attributes.contains(.reverse) { attributes |= normscope_reverse() }
        return attributes
    }

    /// The look of a style without colours: selections are reversed, warnings bold, and so is every other curve.
    static func plainLook(_ style: Style) -> Look {
        var attributes = attributes(style)
        if style.paper == .role(.selection) { attributes |= normscope_reverse() }
        switch style.ink {
        case .role(.error), .role(.warning), .role(.key), .role(.title), .role(.series2), .role(.series4),
            .role(.series6), .role(.series8):
            attributes |= normscope_bold()
        case .role(.dim), .role(.border): attributes |= normscope_dim()
        default: break
        }
        return Look(attributes: attributes, pair: 0)
    }

    private mutating func colouredLook(_ style: Style) -> Look {
        let (ink, paper) = (theme.colour(style.ink), theme.colour(style.paper))
        let paperNumber = number(paper)
        var inkNumber = number(ink)
        var attributes = Self.attributes(style)
        if inkNumber == paperNumber, ink != paper, case .role = style.ink { inkNumber = contrast(to: paper) }
        if style.paper == .role(.selection), paperNumber == number(theme.colour(.role(.background))) {
            attributes |= normscope_reverse()
        }
        if depth == .eight, style.ink == .role(.dim) || style.ink == .role(.border) { attributes |= normscope_dim() }
        return Look(attributes: attributes, pair: max(0, alloc_pair(inkNumber, paperNumber)))
    }

    private mutating func number(_ rgb: RGB) -> Int32 {
        if let known = numbers[rgb] { return known }
        let number = depth.number(rgb)
        numbers[rgb] = number
        return number
    }

    /// The text colour where few colours made ink and paper the same: dark on light, light on dark.
    private mutating func contrast(to paper: RGB) -> Int32 {
        number(Oklab(paper).lightness > 0.6 ? RGB(0, 0, 0) : RGB(229, 229, 229))
    }

    /// Converts one row for `normscope_put_row`; a wide character has one entry.
    mutating func row(_ cells: ArraySlice<Cell>, into row: inout [cchar_t]) {
        row.removeAll(keepingCapacity: true)
        var style: Style?
        var current = Look(attributes: 0, pair: 0)
        for cell in cells where !cell.isContinuation {
            if !depth.showsRamp, let shade = Self.shade(cell) {
                style = nil
                Self.append(Cell(shade), look(.text), to: &row)
                continue
            }
            if cell.style != style {
                style = cell.style
                current = look(cell.style)
            }
            Self.append(cell, current, to: &row)
        }
    }

    private static func append(_ cell: Cell, _ look: Look, to row: inout [cchar_t]) {
        var entry = cchar_t()
        var text = (wchar_t(), wchar_t(), wchar_t(), wchar_t(), wchar_t())
        let fits = fill(&text, with: cell)
        withUnsafePointer(to: &text) { pointer in
            pointer.withMemoryRebound(to: wchar_t.self, capacity: 5) {
                normscope_set_cell(&entry, $0, look.attributes, look.pair)
            }
        }
        row.append(entry)
        guard cell.columns == 2, !fits else { return }
        var blank = cchar_t()
        normscope_set_cell(&blank, [32, 0], look.attributes, look.pair)
        row.append(blank)
    }

    /// The shade that replaces a colour where colours are too few for a quantity or an image.
    private static func shade(_ cell: Cell) -> Character? {
        guard cell.isHalfBlock else { return nil }
        switch (cell.style.ink, cell.style.paper) {
        case (.ramp(let upper), .ramp(let lower)): return shade((Float(upper) + Float(lower)) / 510)
        case (.rgb(let upper), .rgb(let lower)): return shade((Oklab(upper).lightness + Oklab(lower).lightness) / 2)
        case (.rgb(let upper), _): return shade(Oklab(upper).lightness / 2)
        case (.ramp(let level), _), (_, .ramp(let level)): return shade(Float(level) / 255)
        default: return nil
        }
    }

    private static let shades: [Character] = [".", ":", "-", "=", "+", "*", "%", "@"]

    private static func shade(_ amount: Float) -> Character { shades[max(0, min(7, Int(amount * 8)))] }

    /// Stores the cell's scalars, ended by 0; a question mark, and false, if the C library gives them another width
    /// than the frame does, since the row would shift.
    private static func fill(_ text: inout (wchar_t, wchar_t, wchar_t, wchar_t, wchar_t), with cell: Cell) -> Bool {
        let scalars = SIMD4<Int32>(truncatingIfNeeded: cell.scalars)
        text.0 = scalars[0]
        if scalars[0] < 0x7F, scalars[1] == 0 { return true }
        guard normscope_width(scalars[0]) == cell.columns else {
            text.0 = 63
            return false
        }
        guard (1..<4).allSatisfy({ scalars[$0] == 0 || normscope_width(scalars[$0]) == 0 }) else { return true }
        (text.1, text.2, text.3) = (scalars[1], scalars[2], scalars[3])
        return true
    }
}

extension Cell {
    fileprivate var isHalfBlock: Bool { scalars == [0x2580, 0, 0, 0] }
}
