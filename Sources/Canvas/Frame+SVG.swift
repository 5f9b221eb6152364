extension Frame {
    /// The frame as an SVG document: text in a monospaced font, braille as dots and block elements as rectangles, so that
    /// it looks the same with any font.
    package func svg(theme: Theme) -> String {
        var writer = SVGWriter(self, theme: theme)
        return writer.document()
    }
}

/// The shapes of one colour as three paths, so that a picture of thousands of dots stays small.
private struct Shapes {
    /// Closed rectangles.
    var areas = ""
    /// Lines of length 0 with round caps: dots.
    var dots = ""
    var lines = ""

    mutating func add(_ other: Shapes) {
        areas += other.areas
        dots += other.dots
        lines += other.lines
    }

    func area(_ colour: RGB) -> String {
        areas.isEmpty ? "" : "<path d=\"\(areas)\" fill=\"\(colour.hex)\"/>\n"
    }

    func strokes(_ colour: RGB) -> String {
        var result = ""
        if !dots.isEmpty {
            result += "<path d=\"\(dots)\" stroke=\"\(colour.hex)\" stroke-width=\"2.7\" stroke-linecap=\"round\"/>\n"
        }
        if !lines.isEmpty { result += "<path d=\"\(lines)\" stroke=\"\(colour.hex)\" fill=\"none\"/>\n" }
        return result
    }
}

/// A writer of frames as SVG, with cells of 9 by 18 units.
private struct SVGWriter {
    private let frame: Frame
    private let theme: Theme
    private var shapes: [RGB: Shapes] = [:]

    private static let width = 9.0
    private static let height = 18.0

    init(_ frame: Frame, theme: Theme) {
        self.frame = frame
        self.theme = theme
    }

    mutating func document() -> String {
        let (w, h) = (Double(frame.size.columns) * Self.width, Double(frame.size.rows) * Self.height)
        let ground = theme.colour(.role(.background)).hex
        let papers = (0..<frame.size.rows).map(self.papers).joined()
        var letters = ""
        for row in 0..<frame.size.rows { letters += inks(row) }
        let shapes = shapes.sorted { $0.key.hex < $1.key.hex }
        let areas = shapes.map { $0.value.area($0.key) }.joined()
        let strokes = shapes.map { $0.value.strokes($0.key) }.joined()
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(text(w)) \(text(h))" width="\(text(w))" \
            height="\(text(h))" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" \
            font-size="15" shape-rendering="geometricPrecision">
            <rect width="100%" height="100%" fill="\(ground)"/>
            <g shape-rendering="crispEdges">
            \(papers)\(areas)</g>
            \(strokes)\(letters)</svg>

            """
    }

    /// A number with two decimals at most and no zeros at its end.
    private func text(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        guard !hundredths.isMultiple(of: 100) else { return "\(hundredths / 100)" }
        let rest = hundredths % 100
        return "\(hundredths / 100)."
            + (rest.isMultiple(of: 10) ? "\(rest / 10)" : (rest < 10 ? "0\(rest)" : "\(rest)"))
    }

    private func colours(_ style: Style) -> (ink: RGB, paper: RGB) {
        let (ink, paper) = (theme.colour(style.ink), theme.colour(style.paper))
        return style.attributes.contains(.reverse) ? (paper, ink) : (ink, paper)
    }

    private func rectangle(_ x: Double, _ y: Double, _ w: Double, _ h: Double, _ colour: RGB) -> String {
        "<rect x=\"\(text(x))\" y=\"\(text(y))\" width=\"\(text(w))\" height=\"\(text(h))\" fill=\"\(colour.hex)\"/>\n"
    }

    /// The backgrounds of a row, neighbours of one colour as one rectangle.
    private func papers(_ row: Int) -> String {
        let ground = theme.colour(.role(.background))
        var result = ""
        var start = 0
        while start < frame.size.columns {
            let colour = colours(frame[row, start].style).paper
            var end = start + 1
            while end < frame.size.columns, colours(frame[row, end].style).paper == colour { end += 1 }
            if colour != ground {
                result += rectangle(
                    Double(start) * Self.width, Double(row) * Self.height, Double(end - start) * Self.width,
                    Self.height,
                    colour)
            }
            start = end
        }
        return result
    }

    /// The text of a row in runs of one style; graphic characters are added to the shapes of their colour.
    private mutating func inks(_ row: Int) -> String {
        var result = ""
        var column = 0
        while column < frame.size.columns {
            let cell = frame[row, column]
            if addShape(cell, row: row, column: column) {
                column += 1
            } else if isBlank(cell) {
                column += 1
            } else {
                let end = endOfRun(row: row, column: column)
                result += run(row: row, columns: column..<end)
                column = end
            }
        }
        return result
    }

    private func isBlank(_ cell: Cell) -> Bool {
        cell.character == " " && !cell.isContinuation && !cell.style.attributes.contains(.underline)
    }

    /// The end of a run of letters of one style; blanks belong to it only between letters.
    private func endOfRun(row: Int, column: Int) -> Int {
        let style = frame[row, column].style
        var (next, end) = (column, column + 1)
        while next < frame.size.columns, frame[row, next].style == style {
            let cell = frame[row, next]
            guard !BlockShapes.isShape(cell.character) else { break }
            next += 1
            if !isBlank(cell) { end = next }
        }
        return end
    }

    private func run(row: Int, columns: Range<Int>) -> String {
        let letters = String(columns.lazy.map { frame[row, $0] }.filter { !$0.isContinuation }.map(\.character))
        return run(
            letters, row: row, column: columns.lowerBound, columns: columns.count, frame[row, columns.lowerBound].style)
    }

    private func run(_ letters: String, row: Int, column: Int, columns: Int, _ style: Style) -> String {
        let x = text(Double(column) * Self.width)
        let y = text(Double(row) * Self.height + 13.5)
        let weight = style.attributes.contains(.bold) ? " font-weight=\"bold\"" : ""
        let line = style.attributes.contains(.underline) ? " text-decoration=\"underline\"" : ""
        let length = text(Double(columns) * Self.width)
        return "<text x=\"\(x)\" y=\"\(y)\" fill=\"\(colours(style).ink.hex)\"\(weight)\(line) xml:space=\"preserve\" "
            + "textLength=\"\(length)\" lengthAdjust=\"spacingAndGlyphs\">\(escaped(letters))</text>\n"
    }

    private func escaped(_ letters: String) -> String {
        letters.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.append(character)
            }
        }
    }

    /// Adds braille, blocks and box lines as shapes; returns false for characters that a font draws.
    private mutating func addShape(_ cell: Cell, row: Int, column: Int) -> Bool {
        guard !cell.isContinuation, BlockShapes.isShape(cell.character) else { return false }
        let (x, y) = (Double(column) * Self.width, Double(row) * Self.height)
        func place(_ point: (x: Double, y: Double)) -> String {
            "\(text(x + point.x * Self.width)) \(text(y + point.y * Self.height))"
        }
        var added = Shapes()
        for part in BlockShapes.rectangles(cell.character) {
            let (w, h) = (text(part.width * Self.width), text(part.height * Self.height))
            added.areas += "M\(place((part.x, part.y)))h\(w)v\(h)h-\(w)z"
        }
        for dot in BlockShapes.dots(cell.character) { added.dots += "M\(place((dot.x, dot.y)))h0" }
        for path in BlockShapes.lines(cell.character) {
            added.lines += "M" + path.map { place(($0.x, $0.y)) }.joined(separator: "L")
        }
        shapes[colours(cell.style).ink, default: Shapes()].add(added)
        return true
    }
}
