import Glibc
import Testing

@testable import Terminal

/// The real screen, in a process of its own on a pseudoterminal.
@Suite struct ScreenTests {
    @Test func `the terminal is given back as it was`() throws {
        let session = try ProbeSession()
        let before = session.settings
        try session.expect("\u{1B}[?1049h")
        try session.expect("event 0")
        #expect(session.settings != before)
        session.send("q")
        try session.expect("\u{1B}[?1049l")
        try session.expect("closed after q")
        #expect(try session.exitStatus() == 0)
        #expect(session.settings == before)
    }

    @Test(arguments: [(SIGTERM, "terminate"), (SIGHUP, "hangup"), (SIGINT, "interrupt")])
    func `a signal ends the program and gives the terminal back`(signal: Int32, name: String) throws {
        let session = try ProbeSession()
        let before = session.settings
        try session.expect("event 0")
        kill(session.process, signal)
        try session.expect("\u{1B}[?1049l")
        try session.expect("closed after \(name)")
        #expect(try session.exitStatus() == 0)
        #expect(session.settings == before)
    }

    @Test(arguments: [
        ("\u{1B}[A", "up"), ("\u{1B}OA", "up"), ("\u{1B}[5~", "pageUp"), ("\u{1B}[Z", "backTab"),
        ("\u{1B}OP", "function(1)"), ("x", "character(\"x\")"), ("\u{3}", "control(\"c\")"), ("\u{7F}", "backspace"),
        ("\r", "enter"), ("é", "character(\"é\")"), ("\u{1B}[3~", "delete"), ("\u{1B}", "escape"),
        ("\u{1B}[<0;5;3M", "pointer("), ("\u{1B}[<64;5;3M", "wheelUp"), ("\u{1B}[99~k", "character(\"k\")"),
        ("\u{1B}[200~a\rqé\u{1B}[201~", #"paste("a\rqé")"#), ("\u{1B}[200~x\u{1B}[Aq\u{1B}[201~", #"paste("xq")"#),
    ])
    func `what is typed arrives as the key that was meant`(bytes: String, key: String) throws {
        let session = try ProbeSession()
        try session.expect("event 0")
        session.send(bytes)
        try session.expect(key)
        session.send("q")
        #expect(try session.exitStatus() == 0)
    }

    /// Inside tmux and screen curses itself knows a form of the mouse's report that ends at column 223.
    @Test(arguments: ["tmux-256color", "screen", "xterm-256color"])
    func `the mouse is heard far to the right in every terminal`(name: String) throws {
        let session = try ProbeSession(rows: 50, columns: 300, environment: ["TERM": name])
        try session.expect("event 0")
        session.send("\u{1B}[<0;280;31M\u{1B}[<0;280;31m")
        try session.expect("press, row: 30, column: 279")
        session.send("q")
        #expect(try session.exitStatus() == 0)
    }

    @Test func `a new size arrives and the frame fills it`() throws {
        let session = try ProbeSession()
        try session.expect("event 0")
        session.resize(rows: 30, columns: 100)
        try session.expect("rows: 30, columns: 100")
        for columns in stride(from: 100, to: 3, by: -7) {
            session.resize(rows: UInt16(columns / 3 + 1), columns: UInt16(columns))
        }
        session.send("q")
        #expect(try session.exitStatus() == 0)
    }

    @Test func `random bytes do no harm`() throws {
        let session = try ProbeSession()
        try session.expect("event 0")
        var state: UInt64 = 42
        let bytes = (0..<2000).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 40)
        }
        // Neither q, which would end it, nor Ctrl-Z, which would stop it.
        session.send(bytes.filter { $0 != 0x71 && $0 != 0x1A })
        // What is no UTF-8 makes curses pass over as many as 144 bytes that came with it.
        session.send(String(repeating: "q", count: 400))
        #expect(try session.exitStatus() == 0)
    }

    @Test func `a terminal that goes away ends the program`() throws {
        let session = try ProbeSession()
        try session.expect("event 0")
        session.hangUp()
        #expect(try session.exitStatus() == 0)
    }

    @Test(arguments: [
        (["TERM": "no-such-terminal"], "palette"), (["TERM": ""], "palette"), (["NO_COLOR": "1"], "none"),
        (["TERM": "xterm"], "eight"), (["TERM": "linux"], "eight"), (["TERM": "screen"], "eight"),
        (["TERM": "vt100"], "none"),
    ])
    func `every terminal gets what it can show`(environment: [String: String], depth: String) throws {
        let session = try ProbeSession(environment: environment)
        try session.expect(depth)
        session.send("q")
        #expect(try session.exitStatus() == 0)
    }

    @Test func `without UTF-8 nothing but ASCII is sent`() throws {
        let session = try ProbeSession(environment: ["LANG": "C"])
        try session.expect("+-")
        session.send("q")
        #expect(try session.exitStatus() == 0)
        let isASCII = session.output.unicodeScalars.allSatisfy { $0.isASCII }
        #expect(isASCII)
    }

    @Test func `a terminal that can't place its cursor is refused in one line`() throws {
        let session = try ProbeSession(environment: ["TERM": "dumb"])
        try session.expect("a terminal of type “dumb” can't place its cursor")
        #expect(try session.exitStatus() == 1)
    }
}
