import Canvas
import FrameTesting
import Testing

@Suite struct FrameTests {
    @Test(arguments: [
        "\u{1B}[31mred", "a\u{7}b", "\u{9B}2J", "x\u{202E}y", "\u{85}", "\u{0}", "tab\there", "line\nbreak", "\u{E000}",
    ])
    func `nothing that steers a terminal gets into a cell`(text: String) {
        var frame = Frame(size: Size(rows: 1, columns: 20))
        frame.write(text, in: frame.bounds)
        let scalars = frame.text.unicodeScalars
        #expect(
            !scalars.contains { $0.properties.generalCategory == .control || $0.properties.generalCategory == .format })
        #expect(frame.text.contains("\u{FFFD}"))
    }

    @Test(arguments: [
        ("e\u{301}x", "e\u{301}x"), ("👩\u{200D}🔬.", "👩."), ("a\u{200D}b", "ab"), ("👍🏽", "👍🏽"), ("\u{301}a", "\u{FFFD}a"),
        ("🇸🇪", "🇸🇪"),
    ])
    func `of a joined character is shown what stands before the joiner`(text: String, shown: String) {
        var frame = Frame(size: Size(rows: 1, columns: 4))
        frame.write(text, in: frame.bounds)
        #expect(frame.text.reversed().drop { $0 == " " }.reversed().map(String.init).joined() == shown)
    }

    @Test func `names are cut where they tell least`() {
        let name = "encoder.blocks.11.norm1.running_mean"
        #expect(name.fitted(to: 20) == "encoder.blocks.11.n…")
        #expect(name.endFitted(to: 20) == "….norm1.running_mean")
        #expect(name.middleFitted(to: 20) == "encod…1.running_mean")
        for columns in 0...40 {
            for cut in [name.fitted(to: columns), name.endFitted(to: columns), name.middleFitted(to: columns)] {
                #expect(cut.columns == min(columns, name.columns))
            }
            #expect("日本語の名前です".middleFitted(to: columns).columns <= columns)
        }
    }

    @Test func `a wide character takes two cells and is not cut in half`() {
        var frame = Frame(size: Size(rows: 1, columns: 5))
        #expect(frame.write("日本語", in: frame.bounds) == 6)
        #expect(frame.text == "日本…")
        frame.write("x", column: 1, in: frame.bounds)
        #expect(frame.text == " x本…")
        frame.write("y", column: 2, in: frame.bounds)
        #expect(frame.text == " xy …")
    }

    @Test func `without UTF-8 every character has a relative in ASCII`() {
        var frame = Frame(size: Size(rows: 3, columns: 12), glyphs: .ascii)
        frame.box(frame.bounds, title: "γ ▲")
        frame.write("é日█┈", row: 1, column: 1, in: frame.bounds)
        let isASCII = frame.text.unicodeScalars.allSatisfy { $0.isASCII }
        #expect(isASCII)
        #expect(FrameFile.text(of: frame) == "3 rows, 12 columns\n+-·g·^·----+\n|??#.······|\n+----------+\n")
    }

    @Test func `a curve over others keeps its own shape`() {
        var grid = DotGrid(size: Size(rows: 1, columns: 1), glyphs: .braille)
        for y in 0..<4 { grid.set(x: 0, y: y, .dim) }
        grid.set(x: 1, y: 0, .text)
        var frame = Frame(size: Size(rows: 1, columns: 1))
        grid.draw(into: &frame, in: frame.bounds)
        #expect(frame.text == "⠈")
    }
}

@Suite struct SVGTests {
    private static let theme = Theme(
        name: "plain",
        colours: Dictionary(uniqueKeysWithValues: Role.allCases.map { ($0, RGB(200, 200, 200)) }).merging([
            .background: RGB(0, 0, 0), .panel: RGB(0, 0, 64), .error: RGB(255, 0, 0),
        ]) { $1 }, ramp: [RGB(0, 0, 0), RGB(255, 255, 255)])

    private func svg(_ text: String, _ style: Style = .text) -> String {
        var frame = Frame(size: Size(rows: 1, columns: 8))
        frame.write(text, in: frame.bounds, style)
        return frame.svg(theme: Self.theme)
    }

    @Test func `letters are text that can't break out of the document`() {
        let document = svg("a<b>&\"")
        #expect(document.contains(">a&lt;b&gt;&amp;\"</text>"))
        #expect(document.hasPrefix("<svg ") && document.hasSuffix("</svg>\n"))
    }

    @Test func `braille becomes dots, blocks become rectangles, box lines become lines`() {
        #expect(svg("⣿").components("h0") == 8)
        #expect(svg("▄").contains("<path d=\"M0 9h9v9h-9z\" fill=\"#c8c8c8\"/>"))
        #expect(svg("▟").components("h-") == 3)
        #expect(svg("┼").components("L") == 2)
        #expect(svg("⣿▄▟┼").components("<text") == 0)
    }

    @Test func `a ground of its own is one rectangle, and reverse turns the two colours round`() {
        let document = svg("ab", Style(.role(.error), on: .role(.panel), .reverse))
        #expect(document.contains("width=\"18\" height=\"18\" fill=\"#ff0000\""))
        #expect(document.contains("fill=\"#000040\""))
    }

    @Test func `a wide character keeps its two columns`() {
        #expect(svg("日x").contains("textLength=\"27\""))
    }
}

extension String {
    /// How often a text occurs.
    fileprivate func components(_ part: String) -> Int {
        split(separator: part, omittingEmptySubsequences: false).count - 1
    }
}
