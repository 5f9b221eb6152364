/// A key as the user pressed it, whatever bytes the terminal sent for it.
package enum Key: Hashable, Sendable {
    /// A printable character, shift already applied: `L` is `.character("L")`.
    case character(Character)
    /// Ctrl with a letter, lower case: Ctrl-L is `.control("l")`.
    case control(Character)
    case function(Int)
    case enter, escape, tab, backTab, backspace, delete
    case up, down, left, right, home, end, pageUp, pageDown
}

/// A mouse event at a cell of the frame.
package struct Pointer: Hashable, Sendable {
    package enum Gesture: Hashable, Sendable {
        case press, wheelUp, wheelDown
    }

    package let gesture: Gesture
    package let row: Int
    package let column: Int

    package init(_ gesture: Gesture, row: Int, column: Int) {
        self.gesture = gesture
        self.row = row
        self.column = column
    }
}

/// An input event: everything that the user of the terminal can do.
package enum Input: Hashable, Sendable {
    case key(Key)
    /// Pasted text, as the terminal marked it; it may hold anything.
    case paste(String)
    case pointer(Pointer)
    case resize(Size)
}
