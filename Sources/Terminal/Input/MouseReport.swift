import Canvas

/// A mouse report in xterm's SGR format: `ESC [ < BUTTON ; COLUMN ; ROW M`, with `m` for a release.
///
/// Curses reads it where the terminal's description names it; elsewhere (inside tmux and screen) it only knows the older
/// form, which ends at column 223, so the newer one is asked for and read here.
enum MouseReport {
    /// - Parameter characters: what followed the escape.
    static func pointer(_ characters: [UInt32]) -> Pointer? {
        guard characters.count > 3, characters[0] == 0x5B, characters[1] == 0x3C, characters.last == 0x4D else {
            return nil
        }
        let parts = characters[2..<characters.count - 1].split(separator: 0x3B, omittingEmptySubsequences: false)
        let numbers = parts.compactMap(number)
        guard parts.count == 3, numbers.count == 3, numbers[1] > 0, numbers[2] > 0 else { return nil }
        // Shift, Meta and Control are bits of the button.
        guard let gesture = gesture(button: numbers[0] & ~0x1C) else { return nil }
        return Pointer(gesture, row: numbers[2] - 1, column: numbers[1] - 1)
    }

    private static func gesture(button: Int) -> Pointer.Gesture? {
        switch button {
        case 0: .press
        case 64: .wheelUp
        case 65: .wheelDown
        default: nil
        }
    }

    private static func number(_ digits: ArraySlice<UInt32>) -> Int? {
        guard (1...5).contains(digits.count) else { return nil }
        return digits.reduce(0 as Int?) { value, digit in
            guard let value, (0x30...0x39).contains(digit) else { return nil }
            return value * 10 + Int(digit - 0x30)
        }
    }
}
