/// A character cell. Its character is always harmless: whatever could control a terminal was replaced on the way in.
///
/// A character two columns wide sits in the left of its two cells; the right one is a continuation with no character of
/// its own. Plain numbers all through, so that a frame of thousands of cells is filled, compared and thrown away without a
/// count of references.
package struct Cell: Equatable, Sendable {
    /// The character's scalars, padded with zeros: a base and at most three combining ones, as many as a terminal's
    /// cell can hold. The rest of a longer cluster is left out.
    package let scalars: SIMD4<UInt32>
    package let style: Style
    private let width: UInt8

    package var isContinuation: Bool { width == 0 }
    package var columns: Int { Int(width) }

    package init(_ character: Character = " ", _ style: Style = .text) {
        self.init(printable: character.shown, style)
    }

    /// A cell with a character that is known to be printable.
    init(printable character: Character, _ style: Style) {
        var scalars = SIMD4<UInt32>()
        for (index, scalar) in character.unicodeScalars.prefix(4).enumerated() { scalars[index] = scalar.value }
        self.scalars = scalars
        self.style = style
        width = UInt8(character.columns)
    }

    /// A cell with a scalar that `isPlain`.
    init(plain scalar: Unicode.Scalar, _ style: Style) {
        scalars = SIMD4(scalar.value, 0, 0, 0)
        self.style = style
        width = 1
    }

    private init(continuing style: Style) {
        scalars = SIMD4(0x20, 0, 0, 0)
        self.style = style
        width = 0
    }

    static func continuation(_ style: Style) -> Cell { Cell(continuing: style) }

    package var character: Character {
        var cluster = String.UnicodeScalarView()
        for index in 0..<4 where scalars[index] != 0 {
            if let scalar = Unicode.Scalar(scalars[index]) { cluster.append(scalar) }
        }
        return Character(String(cluster))
    }
}

extension Unicode.Scalar {
    /// Whether the scalar is a character of one column by itself, whatever stands beside it: ASCII's printable ones and
    /// those that charts are drawn with.
    var isPlain: Bool { (0x20..<0x7F).contains(value) || isDrawing }

    /// Box drawing, block elements, the narrow geometric shapes and braille: what charts are made of, told apart without
    /// a look into Unicode's tables.
    fileprivate var isDrawing: Bool { (0x2500...0x25CF).contains(value) || (0x2800...0x28FF).contains(value) }
}

extension Character {
    /// Whether the character can't control the terminal: no control character (C0, DEL, C1), no line or paragraph
    /// separator, no bidirectional override, no invisible format character, and not combining by itself.
    package var isPrintable: Bool {
        guard let first = unicodeScalars.first else { return false }
        if first.value < 0x7F || first.isDrawing {
            guard first.isPlain, unicodeScalars.count > 1 else { return first.isPlain }
        }
        if first.properties.generalCategory.isCombining { return false }
        return unicodeScalars.allSatisfy { $0.properties.generalCategory.isShown }
    }

    /// The character as it may be shown: of a cluster with invisible scalars, such as joined emoji, what stands before
    /// the first of them; U+FFFD for what can't be shown at all.
    package var shown: Character {
        if isPrintable { return self }
        let visible = String(unicodeScalars.prefix { $0.properties.generalCategory.isShown })
        return visible.count == 1 && Character(visible).isPrintable ? Character(visible) : "\u{FFFD}"
    }

    /// The number of columns of the character in a terminal: 1, or 2 for East Asian wide characters and emoji.
    package var columns: Int {
        guard let scalar = unicodeScalars.first, scalar.value >= 0x1100, !scalar.isDrawing else { return 1 }
        return Self.wideRanges.contains { $0.contains(scalar.value) } ? 2 : 1
    }

    /// The blocks with W or F in Unicode's EastAsianWidth.txt, joined where nothing narrow stands between.
    private static let wideRanges: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23EC, 0x23F0...0x23F0, 0x23F3...0x23F3,
        0x25FD...0x25FE, 0x2614...0x2615, 0x2648...0x2653, 0x267F...0x267F, 0x2693...0x2693, 0x26A1...0x26A1,
        0x26AA...0x26AB, 0x26BD...0x26BE, 0x26C4...0x26C5, 0x26CE...0x26CE, 0x26D4...0x26D4, 0x26EA...0x26EA,
        0x26F2...0x26F3, 0x26F5...0x26F5, 0x26FA...0x26FA, 0x26FD...0x26FD, 0x2705...0x2705, 0x270A...0x270B,
        0x2728...0x2728, 0x274C...0x274C, 0x274E...0x274E, 0x2753...0x2755, 0x2757...0x2757, 0x2795...0x2797,
        0x27B0...0x27B0, 0x27BF...0x27BF, 0x2B1B...0x2B1C, 0x2B50...0x2B50, 0x2B55...0x2B55, 0x2E80...0x303E,
        0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
        0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18AFF, 0x1B000...0x1B2FF,
        0x1F004...0x1F004, 0x1F0CF...0x1F0CF, 0x1F18E...0x1F18E, 0x1F191...0x1F19A, 0x1F200...0x1F320,
        0x1F32D...0x1F335, 0x1F337...0x1F37C, 0x1F37E...0x1F393, 0x1F3A0...0x1F3CA, 0x1F3CF...0x1F3D3,
        0x1F3E0...0x1F3F0, 0x1F3F4...0x1F3F4, 0x1F3F8...0x1F43E, 0x1F440...0x1F440, 0x1F442...0x1F4FC,
        0x1F4FF...0x1F53D, 0x1F54B...0x1F54E, 0x1F550...0x1F567, 0x1F57A...0x1F57A, 0x1F595...0x1F596,
        0x1F5A4...0x1F5A4, 0x1F5FB...0x1F64F, 0x1F680...0x1F6C5, 0x1F6CC...0x1F6CC, 0x1F6D0...0x1F6D2,
        0x1F6D5...0x1F6D7, 0x1F6DC...0x1F6DF, 0x1F6EB...0x1F6EC, 0x1F6F4...0x1F6FC, 0x1F7E0...0x1F7EB,
        0x1F90C...0x1F93A, 0x1F93C...0x1F945, 0x1F947...0x1F9FF, 0x1FA70...0x1FAFF, 0x20000...0x2FFFD,
        0x30000...0x3FFFD,
    ]
}

extension Unicode.GeneralCategory {
    fileprivate var isCombining: Bool {
        self == .nonspacingMark || self == .spacingMark || self == .enclosingMark
    }

    fileprivate var isShown: Bool {
        switch self {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: false
        default: true
        }
    }
}

extension String {
    /// The number of columns of the text in a terminal.
    package var columns: Int { reduce(0) { $0 + $1.columns } }

    /// The text truncated to at most `columns`, with an ellipsis.
    package func fitted(to columns: Int) -> String {
        guard self.columns > columns else { return self }
        guard columns > 1 else { return columns == 1 ? "…" : "" }
        var kept = ""
        var used = 0
        for character in self {
            guard used + character.columns <= columns - 1 else { break }
            kept.append(character)
            used += character.columns
        }
        return kept + "…"
    }

    /// The text truncated at its beginning to at most `columns`, for long tags, which differ at their ends.
    package func endFitted(to columns: Int) -> String {
        guard self.columns > columns, columns > 1 else { return fitted(to: columns) }
        var kept = self[...]
        var used = self.columns
        while used > columns - 1, let first = kept.popFirst() { used -= first.columns }
        return "…" + kept
    }

    /// The text truncated a third of the way to at most `columns`, for long names and titles, of which both ends
    /// matter.
    package func middleFitted(to columns: Int) -> String {
        guard self.columns > columns, columns > 4 else { return fitted(to: columns) }
        let head = fitted(to: max(2, columns / 3))
        return head + endFitted(to: columns - head.columns + 1).dropFirst()
    }

    /// The text truncated or padded with spaces to exactly `columns`.
    package func padded(to columns: Int, right: Bool = false) -> String {
        let text = fitted(to: columns)
        let space = String(repeating: " ", count: max(0, columns - text.columns))
        return right ? space + text : text + space
    }
}
