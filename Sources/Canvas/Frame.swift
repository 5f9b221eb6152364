/// The set of characters that may be used for drawing: the finest one that the terminal's locale can show.
package enum GlyphSet: String, CaseIterable, Sendable {
    case braille, blocks, ascii

    /// Dots in one cell, across and down.
    package var dotsPerCell: (across: Int, down: Int) {
        switch self {
        case .braille: (2, 4)
        case .blocks: (2, 2)
        case .ascii: (1, 2)
        }
    }

    package var isUnicode: Bool { self != .ascii }
}

/// A screen as a value: a grid of cells that views draw into and a terminal, an SVG file or a test reads.
///
/// Everything that draws names a rectangle and stays inside it; whatever would fall outside of it or of the frame is cut
/// off, so no drawing can trap or spill, however small the window.
package struct Frame: Equatable, Sendable {
    package let size: Size
    package let glyphs: GlyphSet
    private var cells: [Cell]

    package init(size: Size, glyphs: GlyphSet = .braille) {
        self.size = Size(rows: max(0, size.rows), columns: max(0, size.columns))
        self.glyphs = glyphs
        cells = Array(repeating: Cell(), count: self.size.rows * self.size.columns)
    }

    package var bounds: Rect { Rect(rows: size.rows, columns: size.columns) }

    package subscript(row: Int, column: Int) -> Cell {
        cells[row * size.columns + column]
    }

    /// One row of cells, for a terminal to write out.
    package func row(_ row: Int) -> ArraySlice<Cell> {
        cells[row * size.columns..<(row + 1) * size.columns]
    }

    /// Writes `text` at a position relative to `rect`; returns the column (again relative) after it.
    ///
    /// The text may come from anywhere: characters that could steer the terminal become U+FFFD. In a locale without
    /// UTF-8, characters outside ASCII become their nearest ASCII relative.
    @discardableResult
    package mutating func write(
        _ text: some StringProtocol, row: Int = 0, column: Int = 0, in rect: Rect, _ style: Style = .text
    ) -> Int {
        let room = rect.intersection(bounds)
        var place = rect.column + column
        let y = rect.row + row
        if text.unicodeScalars.allSatisfy({ $0.isPlain && (glyphs.isUnicode || $0.isASCII) }) {
            for scalar in text.unicodeScalars {
                if room.contains(row: y, column: place) { store(Cell(plain: scalar, style), row: y, column: place) }
                place += 1
            }
            return place - rect.column
        }
        for character in text {
            let shown = character.shown
            put(glyphs.isUnicode ? shown : shown.asciiRelative, row: y, column: place, room: room, style)
            place += glyphs.isUnicode ? shown.columns : 1
        }
        return place - rect.column
    }

    /// Writes one character at a position of the frame, if that is inside `room`.
    private mutating func put(_ character: Character, row: Int, column: Int, room: Rect, _ style: Style) {
        let wide = character.columns == 2
        guard room.contains(row: row, column: column) else { return }
        guard !wide || room.contains(row: row, column: column + 1) else {
            store(Cell("…", style), row: row, column: column)
            return
        }
        store(Cell(printable: character, style), row: row, column: column)
        if wide { store(.continuation(style), row: row, column: column + 1) }
    }

    /// Stores a cell and blanks the other half of a wide character that it overwrites.
    private mutating func store(_ cell: Cell, row: Int, column: Int) {
        let index = row * size.columns + column
        let old = cells[index]
        if old.isContinuation, !cell.isContinuation, column > 0 { cells[index - 1] = Cell(" ", cells[index - 1].style) }
        if column + 1 < size.columns, cells[index + 1].isContinuation, old.columns == 2 {
            cells[index + 1] = Cell(" ", cells[index + 1].style)
        }
        cells[index] = cell
    }

    package mutating func fill(_ rect: Rect, with character: Character = " ", _ style: Style = .text) {
        let room = rect.intersection(bounds), cell = Cell(character, style)
        for row in room.row..<room.endRow {
            for column in room.column..<room.endColumn { store(cell, row: row, column: column) }
        }
    }

    /// Changes the style of the cells in `rect`, keeping the characters.
    package mutating func restyle(_ rect: Rect, _ change: (Style) -> Style) {
        let room = rect.intersection(bounds)
        for row in room.row..<room.endRow {
            for column in room.column..<room.endColumn where !self[row, column].isContinuation {
                let cell = self[row, column]
                cells[row * size.columns + column] = Cell(cell.character, change(cell.style))
                if cell.columns == 2, column + 1 < room.endColumn {
                    cells[row * size.columns + column + 1] = .continuation(change(cell.style))
                }
            }
        }
    }

    /// Draws a border with a title; returns the room inside.
    @discardableResult
    package mutating func box(_ rect: Rect, title: String = "", _ style: Style = .border, titleStyle: Style = .title)
        -> Rect
    {
        guard rect.rows >= 2, rect.columns >= 2 else { return rect.inset(rows: 1, columns: 1) }
        let across = String(repeating: "─", count: rect.columns - 2)
        write("╭" + across + "╮", row: 0, in: rect, style)
        write("╰" + across + "╯", row: rect.rows - 1, in: rect, style)
        for row in 1..<rect.rows - 1 {
            write("│", row: row, in: rect, style)
            write("│", row: row, column: rect.columns - 1, in: rect, style)
        }
        if !title.isEmpty, rect.columns > 6 {
            write(" " + title.fitted(to: rect.columns - 6) + " ", row: 0, column: 2, in: rect, titleStyle)
        }
        return rect.inset(rows: 1, columns: 1)
    }

    /// The characters as text, one line a row, for tests and for output that is no terminal.
    package var text: String {
        (0..<size.rows).map { number in
            String(row(number).filter { !$0.isContinuation }.map(\.character))
        }.joined(separator: "\n")
    }
}

extension Character {
    /// The ASCII character that replaces this one where the locale has no UTF-8.
    fileprivate var asciiRelative: Character {
        if isASCII { return self }
        return Self.asciiRelatives[self] ?? "?"
    }

    private static let asciiRelatives: [Character: Character] = [
        "─": "-", "━": "=", "│": "|", "┃": "|", "╭": "+", "╮": "+", "╰": "+", "╯": "+", "┌": "+", "┐": "+", "└": "+",
        "┘": "+", "├": "+", "┤": "+", "┬": "+", "┴": "+", "┼": "+", "…": "~", "·": ".", "•": "*", "●": "*", "○": "o",
        "▲": "^", "▼": "v", "▶": ">", "◀": "<", "◆": "*", "×": "x", "−": "-", "–": "-", "—": "-", "→": ">", "←": "<",
        "↑": "^", "↓": "v", "┈": ".", "┊": ":", "▔": "'", "±": "~", "μ": "m", "σ": "s", "γ": "g", "β": "b", "ε": "e",
        "²": "2", "√": "V", "∞": "I",
        "█": "#", "▇": "#", "▆": "#", "▅": "=", "▄": "=", "▃": "-", "▂": "-", "▁": "_", "▀": "^", "░": ".", "▒": ":",
        "▓": "%", "▉": "#", "▊": "#", "▋": "=", "▌": "|", "▍": "=", "▎": "-", "▏": "-", "▐": "|", "■": "#", "✓": "v",
        "✗": "x", "‖": "|", "≥": ">", "≤": "<", "Δ": "D", "⏸": "=",
        "\u{FFFD}": "?",
    ]
}
