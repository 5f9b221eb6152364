import CNcurses
import Canvas
import Glibc

/// The result of `Screen.next`.
package enum ScreenEvent: Equatable, Sendable {
    /// The user typed, used the mouse or resized the window.
    case input(Input)
    /// The program should end now; the terminal may be gone already.
    case interrupted(Interruption)
    case nothing
}

package enum Interruption: Hashable, Sendable {
    case terminate, hangup, interrupt
    /// The terminal can't be read any more.
    case terminalGone
}

extension Screen {
    /// The longest wait in milliseconds, so that a resize is noticed even where another thread's signal mask swallowed
    /// the signal.
    private static let longestWait = 250

    /// The next event; `.nothing` after `timeoutMilliseconds`.
    package func next(timeoutMilliseconds: Int) -> ScreenEvent {
        var left = max(0, timeoutMilliseconds)
        while true {
            if let event = waiting() { return event }
            showPostponed()
            let slice = min(left, postponed == nil ? Self.longestWait : 50)
            if let ended = wait(milliseconds: slice) { return ended }
            left -= slice
            if left <= 0 { return waiting() ?? .nothing }
        }
    }

    /// An event that is available without waiting.
    private func waiting() -> ScreenEvent? {
        for signal in signals.drain() { handle(signal: signal) }
        if !pending.isEmpty { return pending.removeFirst() }
        return readInput().map(ScreenEvent.input)
    }

    private func handle(signal: Int32) {
        switch signal {
        case SIGTERM: pending.append(.interrupted(.terminate))
        case SIGHUP: pending.append(.interrupted(.hangup))
        case SIGINT: pending.append(.interrupted(.interrupt))
        case SIGTSTP: suspend()
        default: resume()
        }
    }

    /// Waits for keys or a signal; returns an event only if the terminal is gone.
    private func wait(milliseconds: Int) -> ScreenEvent? {
        var watched = [
            pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
            pollfd(fd: signals.reading, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&watched, 2, Int32(milliseconds)) > 0 else { return nil }
        let keys = Int32(watched[0].revents)
        if keys & POLLNVAL != 0 { return .interrupted(.terminalGone) }
        guard keys != 0, normscope_waiting_bytes(STDIN_FILENO) <= 0 else { return nil }
        return isGone() ? .interrupted(.terminalGone) : nil
    }

    /// Whether a terminal that is readable without data is at its end. There may also be no data because curses has
    /// read it meanwhile, so it is checked twice.
    private func isGone() -> Bool {
        var again = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        return poll(&again, 1, 0) > 0 && normscope_waiting_bytes(STDIN_FILENO) <= 0
    }

    /// The next key, click or size; other input is skipped.
    private func readInput() -> Input? {
        for _ in 0..<10_000 {
            var value: UInt32 = 0
            switch normscope_read_key(&value) {
            case 0: return nil
            case 1:
                if value == 27 {
                    if let input = readAfterEscape() ?? takePendingInput() { return input }
                } else if let key = KeyCode.key(character: value) {
                    return .key(key)
                }
            default:
                if let input = input(code: value) { return input }
            }
        }
        return nil
    }

    private func input(code: UInt32) -> Input? {
        switch Int32(bitPattern: code) {
        case KEY_RESIZE: return resized()
        case KEY_MOUSE: return pointed()
        case Int32(NORMSCOPE_PASTE_BEGINS): return .paste(readPaste())
        default: return KeyCode.key(code: code).map(Input.key)
        }
    }

    /// The longest paste that is kept, in characters; the rest is read and dropped.
    private static let longestPaste = 10_000
    /// Seconds without a byte after which a paste whose end is missing is over.
    private static let pastePatience = 1.0

    /// Reads pasted text up to the terminal's mark of its end. Escape sequences in it are skipped.
    private func readPaste() -> String {
        var text = String.UnicodeScalarView()
        var deadline = now + Self.pastePatience
        while now < deadline {
            var value: UInt32 = 0
            switch normscope_read_key(&value) {
            case 0:
                var keys = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
                _ = poll(&keys, 1, 20)
                continue
            case 1:
                if text.count < Self.longestPaste, let scalar = Unicode.Scalar(value) { text.append(scalar) }
            default: if value == UInt32(NORMSCOPE_PASTE_ENDS) { return String(text) }
            }
            deadline = now + Self.pastePatience
        }
        return String(text)
    }

    private func resized() -> Input? {
        knownSize = Size(rows: Int(normscope_rows()), columns: Int(normscope_columns()))
        return .resize(knownSize)
    }

    private func pointed() -> Input? {
        var (row, column): (Int32, Int32) = (0, 0)
        let gesture: Pointer.Gesture
        switch normscope_read_mouse(&row, &column) {
        case Int32(NORMSCOPE_PRESS): gesture = .press
        case Int32(NORMSCOPE_WHEEL_UP): gesture = .wheelUp
        case Int32(NORMSCOPE_WHEEL_DOWN): gesture = .wheelDown
        default: return nil
        }
        return .pointer(Pointer(gesture, row: Int(row), column: Int(column)))
    }

    private func takePendingInput() -> Input? {
        guard case .input(let input)? = pending.first else { return nil }
        pending.removeFirst()
        return input
    }

    /// Reads what follows an escape: alone it is a key; a control sequence that curses does not know is skipped as a
    /// whole.
    private func readAfterEscape() -> Input? {
        var after: [UInt32] = []
        var ending: Input?
        while after.count < 32, StrayControlSequence.length(after) == 0 {
            var value: UInt32 = 0
            let kind = normscope_read_key(&value)
            if kind == 2 { ending = input(code: value) }
            guard kind == 1 else { break }
            after.append(value)
            guard after[0] == 0x5B || after[0] == 0x4F else { break }
        }
        let stray = StrayControlSequence.length(after)
        if stray > 0, after[stray - 1] == 0x6E { throttle.answered(at: now) }
        if stray > 0, let pointer = MouseReport.pointer(Array(after[..<stray])) {
            pending.insert(.input(.pointer(pointer)), at: 0)
        }
        let rest = after.dropFirst(stray).compactMap(KeyCode.key(character:)).map { ScreenEvent.input(.key($0)) }
        pending.append(contentsOf: rest)
        if let ending { pending.append(.input(ending)) }
        return stray > 0 ? nil : .key(.escape)
    }
}
