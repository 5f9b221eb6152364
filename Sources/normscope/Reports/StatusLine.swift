import Glibc
import Synchronization
import Training

/// A status line on standard error that is overwritten during a long piece of work. Nothing is drawn where that is no
/// terminal. May be used from any thread.
final class StatusLine: Sendable {
    /// Seconds between two updates.
    private static let interval = 0.1
    let isTerminal = isatty(STDERR_FILENO) == 1
    /// When the line was drawn last. Nothing is drawn in the first moments, so that short work stays silent.
    private let drawn: Mutex<(at: Double, any: Bool)>

    init() {
        drawn = Mutex((at: Clock.machine.now(), any: false))
    }

    /// Draws the text, unless the last update was too recent.
    func show(_ text: () -> String) {
        guard isTerminal else { return }
        let now = Clock.machine.now()
        let isDue = drawn.withLock { drawn in
            guard now - drawn.at >= Self.interval else { return false }
            drawn = (now, true)
            return true
        }
        if isDue { write("\r\u{1B}[K" + text()) }
    }

    /// Erases the line.
    func clear() {
        let wasDrawn = drawn.withLock { drawn in
            defer { drawn.any = false }
            return drawn.any
        }
        if wasDrawn { write("\r\u{1B}[K") }
    }

    /// Prints a line that stays.
    func say(_ text: String) {
        clear()
        write(text + "\n")
    }

    private func write(_ text: String) {
        var text = text
        text.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
