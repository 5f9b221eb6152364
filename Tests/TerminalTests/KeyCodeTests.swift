import CNcurses
import Canvas
import Testing

@testable import Terminal

@Suite struct KeyCodeTests {
    @Test(
        arguments: [
            (3, .control("c")), (12, .control("l")), (26, .control("z")), (27, .escape), (9, .tab), (13, .enter),
            (10, .enter), (127, .backspace), (8, .backspace), (0x4C, .character("L")), (0x20, .character(" ")),
            (0xE9, .character("é")), (0x1F600, .character("😀")), (0, nil), (31, nil), (0x85, nil), (0x202E, nil),
            (0xD800, nil), (0x110000, nil), (0xFFFF_FFFF, nil),
        ] as [(UInt32, Key?)])
    func `a character that arrives is the key that was meant`(value: UInt32, key: Key?) {
        #expect(KeyCode.key(character: value) == key)
    }

    @Test(
        arguments: [
            (KEY_UP, .up), (KEY_PPAGE, .pageUp), (KEY_BTAB, .backTab), (KEY_DC, .delete), (KEY_F0 + 1, .function(1)),
            (KEY_F0 + 12, .function(12)), (KEY_F0 + 40, nil), (KEY_MAX + 20, nil),
        ] as [(Int32, Key?)])
    func `a code of curses is the key that was meant`(code: Int32, key: Key?) {
        #expect(KeyCode.key(code: UInt32(code)) == key)
    }

    @Test(arguments: [
        ("[200~", 5), ("[1;5C", 5), ("[I", 2), ("OQ", 2), ("[", 0), ("[12", 0), ("x", 0), ("", 0), ("[\u{7}A", 0),
        ("[Ax", 2),
    ])
    func `a control sequence is recognised as a whole`(text: String, length: Int) {
        #expect(StrayControlSequence.length(text.unicodeScalars.map(\.value)) == length)
    }
}

@Suite struct ColourDepthTests {
    @Test(
        arguments: [
            (-1, nil, .none), (0, nil, .none), (8, nil, .eight), (16, nil, .sixteen), (88, nil, .sixteen),
            (256, nil, .palette), (1 << 24, nil, .direct), (256, "", .palette), (256, "1", .none),
        ] as [(Int, String?, ColourDepth)])
    func `the terminal's description and NO_COLOR decide`(colours: Int, noColour: String?, depth: ColourDepth) {
        #expect(ColourDepth(colours: colours, noColour: noColour) == depth)
    }

    @Test(
        arguments: [
            (RGB(0, 0, 0), 16), (RGB(255, 255, 255), 231), (RGB(255, 0, 0), 196), (RGB(8, 8, 8), 232),
            (RGB(95, 135, 175), 67), (RGB(238, 238, 238), 255),
        ] as [(RGB, Int32)])
    func `a colour of the palette is found exactly`(rgb: RGB, number: Int32) {
        #expect(ColourDepth.palette.number(rgb) == number)
    }

    @Test func `with few colours the nearest to the eye is taken`() {
        #expect(ColourDepth.eight.number(RGB(200, 20, 10)) == 1)
        #expect(ColourDepth.eight.number(RGB(15, 19, 26)) == 0)
        #expect(ColourDepth.sixteen.number(RGB(120, 120, 130)) == 8)
        #expect(ColourDepth.direct.number(RGB(1, 2, 3)) == 0x010203)
        #expect(ColourDepth.eight.number(RGB(127, 138, 156)) == 7)
        #expect(ColourDepth.eight.number(RGB(0xE5, 0x8A, 0xC4)) == 5)
        #expect(ColourDepth.eight.number(RGB(0, 43, 54)) == 0)
    }

    @Test func `direct colour keeps away from the numbers of the basic colours`() {
        #expect(ColourDepth.direct.number(RGB(0, 0, 3)) == 0)
        #expect(ColourDepth.direct.number(RGB(0, 0, 7)) == 8)
    }

    @Test func `without colours a selection is still seen`() {
        let look = CellPainter.plainLook(.selection)
        #expect(look.attributes & normscope_reverse() != 0)
        #expect(CellPainter.plainLook(.error).attributes & normscope_bold() != 0)
        #expect(CellPainter.plainLook(.text).attributes == 0)
        #expect(
            CellPainter.plainLook(Style(.series1)).attributes != CellPainter.plainLook(Style(.series2)).attributes)
    }
}

@Suite struct MouseReportTests {
    private static func pointer(_ text: String) -> Pointer? { MouseReport.pointer(text.unicodeScalars.map(\.value)) }

    @Test func `a press and the wheel are told with their place`() {
        #expect(Self.pointer("[<0;5;3M") == Pointer(.press, row: 2, column: 4))
        #expect(Self.pointer("[<64;500;1M") == Pointer(.wheelUp, row: 0, column: 499))
        #expect(Self.pointer("[<81;1;1M") == Pointer(.wheelDown, row: 0, column: 0))
    }

    @Test(arguments: [
        "[<0;5;3m", "[<2;5;3M", "[<35;5;3M", "[<0;0;3M", "[<0;5M", "[<0;5;3;1M", "[<;;M", "[<0;999999999;1M",
        "[<a;1;1M", "[<M",
        "", "[M", "[<0;-1;3M",
    ])
    func `whatever else is reported is nothing`(text: String) {
        #expect(Self.pointer(text) == nil)
    }
}

@Suite struct GlyphChoiceTests {
    @Test(
        arguments: [
            ([:], "UTF-8", .braille), ([:], "ANSI_X3.4-1968", .ascii), (["TERM": "linux"], "UTF-8", .ascii),
            (["TERM": "linux"], "ISO-8859-1", .ascii), (["NORMSCOPE_GLYPHS": "ascii"], "UTF-8", .ascii),
            (["NORMSCOPE_GLYPHS": "blocks"], "ANSI_X3.4-1968", .blocks), (["NORMSCOPE_GLYPHS": "?"], "utf8", .braille),
        ] as [([String: String], String, GlyphSet)])
    func `the finest glyphs that the terminal can show`(
        environment: [String: String], charset: String, glyphs: GlyphSet
    ) {
        #expect(GlyphSet.chosen(environment: environment, charset: charset) == glyphs)
    }
}
