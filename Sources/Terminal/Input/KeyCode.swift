import CNcurses
import Canvas

/// The decoding of curses' key codes. Codes without a meaning here are nil.
enum KeyCode {
    /// The key for a character; control characters become keys of their own.
    static func key(character value: UInt32) -> Key? {
        switch value {
        case 8, 127: return .backspace
        case 9: return .tab
        case 10, 13: return .enter
        case 27: return .escape
        case 1...26: return .control(Character(Unicode.Scalar(UInt8(value) + 96)))
        case 0..<32: return nil
        default:
            guard let scalar = Unicode.Scalar(value) else { return nil }
            let character = Character(scalar)
            return character.isPrintable ? .character(character) : nil
        }
    }

    /// The key for a code that curses gives to an escape sequence.
    static func key(code: UInt32) -> Key? {
        if let named = named[Int32(bitPattern: code)] { return named }
        return (1...12).first { normscope_function_key(Int32($0)) == code }.map(Key.function)
    }

    private static let named: [Int32: Key] = [
        KEY_UP: .up, KEY_DOWN: .down, KEY_LEFT: .left, KEY_RIGHT: .right, KEY_HOME: .home, KEY_END: .end,
        KEY_A1: .home, KEY_C1: .end, KEY_A3: .pageUp, KEY_C3: .pageDown, KEY_PPAGE: .pageUp, KEY_NPAGE: .pageDown,
        KEY_ENTER: .enter, KEY_BACKSPACE: .backspace, KEY_DC: .delete, KEY_BTAB: .backTab, KEY_SR: .up, KEY_SF: .down,
    ]

    /// Escape sequences that common terminals send beyond their descriptions: both cursor modes, both ways to write Home,
    /// End and the function keys, and the marks around pasted text.
    static let extraSequences: [(String, Int32)] =
        [
            ("A", KEY_UP), ("B", KEY_DOWN), ("C", KEY_RIGHT), ("D", KEY_LEFT), ("H", KEY_HOME), ("F", KEY_END),
        ].flatMap { [("\u{1B}[" + $0.0, $0.1), ("\u{1B}O" + $0.0, $0.1)] } + [
            ("\u{1B}[1~", KEY_HOME), ("\u{1B}[7~", KEY_HOME), ("\u{1B}[4~", KEY_END), ("\u{1B}[8~", KEY_END),
            ("\u{1B}[3~", KEY_DC), ("\u{1B}[5~", KEY_PPAGE), ("\u{1B}[6~", KEY_NPAGE), ("\u{1B}[Z", KEY_BTAB),
            ("\u{1B}OP", KEY_F0 + 1), ("\u{1B}[11~", KEY_F0 + 1), ("\u{1B}[[A", KEY_F0 + 1),
            ("\u{1B}[200~", Int32(NORMSCOPE_PASTE_BEGINS)), ("\u{1B}[201~", Int32(NORMSCOPE_PASTE_ENDS)),
        ]
}

/// A control sequence without a key (`ESC [ 99 ~`), recognised so that its letters are not taken for keys.
struct StrayControlSequence {
    /// The number of characters after an escape that belong to one complete sequence; 0 for none.
    static func length(_ characters: [UInt32]) -> Int {
        guard characters.first == 0x5B || characters.first == 0x4F, characters.count > 1 else { return 0 }
        if characters[0] == 0x4F { return (0x40...0x7E).contains(characters[1]) ? 2 : 0 }
        for (index, character) in characters.enumerated().dropFirst() {
            if (0x40...0x7E).contains(character) { return index + 1 }
            guard (0x20...0x3F).contains(character) else { return 0 }
        }
        return 0
    }
}
