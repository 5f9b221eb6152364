import CNcurses
import Canvas
import Glibc

/// The terminal screen: takes the terminal over, shows frames, reads keys, and restores it at the end.
///
/// For one thread, the main one, and once at a time: curses is neither reentrant nor shared. Whatever ends the program
/// must end in `close()`; `deinit` does it if an error is thrown past the owner.
package final class Screen {
    /// The characters that may be used; frames for this screen are made with them.
    package let glyphs: GlyphSet
    package let depth: ColourDepth
    let signals: SignalPipe
    private let handle: OpaquePointer
    private var before: termios
    private var painter: CellPainter
    private var shown: Frame?
    private var row: [cchar_t] = []
    private var isOpen = true
    var pending: [ScreenEvent] = []
    var throttle = FrameThrottle()
    /// The newest frame, while the terminal is still busy with earlier ones.
    private(set) var postponed: Frame?
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    var knownSize: Size

    /// Takes over the terminal.
    ///
    /// - Parameters:
    ///   - mouse: whether the terminal reports the mouse (and then no longer selects text by itself).
    ///   - glyphs: nil chooses by the environment and the locale.
    ///   - environment: TERM, COLORTERM, NO_COLOR, NORMSCOPE_GLYPHS and the locale's variables are looked at.
    package init(theme: Theme, mouse: Bool, glyphs: GlyphSet? = nil, environment: [String: String])
        throws(TerminalError)
    {
        guard isatty(STDOUT_FILENO) == 1 else { throw .notATerminal(stream: "standard output") }
        guard isatty(STDIN_FILENO) == 1 else { throw .notATerminal(stream: "standard input") }
        var environment = environment
        if let glyphs { environment["NORMSCOPE_GLYPHS"] = glyphs.rawValue }
        let charset = GlyphSet.takeLocale(environment: environment)
        self.glyphs = .chosen(environment: environment, charset: charset)
        start = clock.now
        before = termios()
        tcgetattr(STDIN_FILENO, &before)
        signals = SignalPipe()
        do {
            handle = try Self.begin(environment: environment)
        } catch {
            signals.close()
            throw error
        }
        depth = Self.startColours(environment: environment)
        painter = CellPainter(theme: theme, depth: depth)
        knownSize = Size(rows: Int(normscope_rows()), columns: Int(normscope_columns()))
        takeKeys(mouse: mouse)
        paintBackground()
        throttle.began(at: now)
        askForAnswer()
    }

    deinit { close() }

    /// Starts curses with the best terminal description: direct colour where the terminal claims it and a description
    /// is installed, else TERM's, else one of two that nearly every terminal follows.
    private static func begin(environment: [String: String]) throws(TerminalError) -> OpaquePointer {
        let name = environment["TERM"] ?? ""
        var names = name.isEmpty ? [] : [name]
        if ["truecolor", "24bit"].contains(environment["COLORTERM"]), name.hasSuffix("-256color") {
            names.insert(String(name.dropLast("256color".count)) + "direct", at: 0)
        }
        for candidate in names + ["xterm-256color", "xterm"] {
            guard let handle = normscope_newterm(candidate) else { continue }
            if normscope_places_cursor() != 0 { return handle }
            endwin()
            delscreen(handle)
            throw .cannotPlaceCursor(name: candidate)
        }
        throw .unknownTerminal(name: name)
    }

    private static func startColours(environment: [String: String]) -> ColourDepth {
        let depth = ColourDepth(colours: Int(normscope_colours()), noColour: environment["NO_COLOR"])
        if depth != .none { start_color() }
        return depth
    }

    private func takeKeys(mouse: Bool) {
        set_escdelay(25)
        normscope_take_keys()
        for (sequence, code) in KeyCode.extraSequences { define_key(sequence, code) }
        normscope_take_mouse(mouse ? 1 : 0)
        normscope_mark_pastes(1)
    }

    /// Sets the background that curses fills cleared cells with.
    private func paintBackground() {
        let look = painter.look(.text)
        normscope_set_background(look.attributes, look.pair)
        normscope_erase()
    }

    package var size: Size { knownSize }

    /// Whether the frame that was shown last is on the terminal, and not waiting for it.
    package var isUpToDate: Bool { postponed == nil }

    /// Seconds since the screen was opened.
    var now: Double { (clock.now - start) / .seconds(1) }

    /// Shows a frame, at once or, if the terminal is still busy with earlier ones, as soon as it can take it; of
    /// waiting frames only the newest is shown.
    package func show(_ frame: Frame) {
        guard isOpen else { return }
        guard throttle.mayShow(at: now) else {
            postponed = frame
            return
        }
        postponed = nil
        guard frame != shown else { return }
        let begun = now
        draw(frame)
        if throttle.showed(at: now, took: now - begun) { askForAnswer() }
    }

    /// Shows the waiting frame, if the terminal can take it by now.
    func showPostponed() {
        if let postponed { show(postponed) }
    }

    /// Requests a device status report, which nearly every terminal answers with `ESC [ 0 n`.
    private func askForAnswer() {
        _ = write(STDOUT_FILENO, "\u{1B}[5n", 4)
    }

    /// Draws a frame; only rows that changed are handed to curses, which sends only what differs.
    private func draw(_ frame: Frame) {
        let comparable = shown?.size == frame.size ? shown : nil
        if comparable == nil { normscope_erase() }
        for number in 0..<min(frame.size.rows, knownSize.rows) {
            let cells = frame.row(number)
            if let comparable, comparable.row(number) == cells { continue }
            painter.row(cells, into: &row)
            normscope_put_row(Int32(number), row, Int32(row.count))
        }
        normscope_flush()
        shown = frame
    }

    /// Turns the terminal's mouse reports on or off.
    package func setMouse(_ isWanted: Bool) {
        guard isOpen else { return }
        normscope_take_mouse(isWanted ? 1 : 0)
        normscope_flush()
    }

    /// Sets the theme; the next frame is drawn completely.
    package func setTheme(_ theme: Theme) {
        painter = CellPainter(theme: theme, depth: depth)
        shown = nil
        paintBackground()
    }

    /// Redraws the last frame completely, whatever else was written to the terminal.
    package func redraw() {
        guard isOpen else { return }
        normscope_redraw()
        let last = shown
        shown = nil
        if let last { draw(last) } else { normscope_flush() }
    }

    /// Restores the terminal, stops this process as Ctrl-Z does, and takes over the terminal again when it continues.
    package func suspend() {
        guard isOpen else { return }
        swallowAnswer()
        normscope_mark_pastes(0)
        endwin()
        signals.stopProcess()
        resume()
    }

    /// Takes over the terminal again after a stop; its size may have changed.
    func resume() {
        reset_prog_mode()
        normscope_mark_pastes(1)
        var (rows, columns): (Int32, Int32) = (0, 0)
        normscope_kernel_size(&rows, &columns)
        let size = Size(rows: Int(rows), columns: Int(columns))
        if rows > 0, columns > 0, size != knownSize {
            resizeterm(rows, columns)
            knownSize = size
            pending.append(.input(.resize(size)))
        }
        redraw()
    }

    /// Restores the terminal: its modes, cursor, colours, mouse and screen contents. Does nothing the second time.
    package func close() {
        guard isOpen else { return }
        isOpen = false
        normscope_take_mouse(0)
        normscope_mark_pastes(0)
        swallowAnswer()
        endwin()
        delscreen(handle)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &before)
        signals.close()
    }

    /// Reads an answer that is still on its way, so that it does not end up on the shell's command line.
    private func swallowAnswer() {
        let end = now + 0.3
        while throttle.isWaiting, now < end {
            var keys = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            guard poll(&keys, 1, Int32((end - now) * 1000) + 1) > 0 else { continue }
            var bytes = [UInt8](repeating: 0, count: 256)
            let count = read(STDIN_FILENO, &bytes, bytes.count)
            guard count > 0 else { return }
            if String(decoding: bytes[..<count], as: UTF8.self).contains("\u{1B}[0n") { throttle.answered(at: now) }
        }
    }
}
