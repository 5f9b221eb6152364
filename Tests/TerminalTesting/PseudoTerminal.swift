import Foundation
import Glibc

/// A program in a pseudoterminal of its own: keys are sent, output is read, and the terminal's settings can be checked.
package final class PseudoTerminal {
    package let process: pid_t
    private var master: Int32
    private let slave: Int32
    private var hasEnded = false

    // Linux's own numbers (TIOCSPTLCK, TIOCGPTN, POSIX_SPAWN_SETSID): the headers hide them from Swift.
    private static let unlock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430
    private static let newSession: Int16 = 0x80
    package private(set) var output = ""

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// - Parameter arguments: the program's path and what stands behind it.
    package init(
        _ arguments: [String], rows: UInt16 = 24, columns: UInt16 = 80, environment: [String: String] = [:]
    ) throws {
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
        var (lock, number): (Int32, Int32) = (0, 0)
        guard master >= 0, ioctl(master, Self.unlock, &lock) == 0, ioctl(master, Self.getNumber, &number) == 0 else {
            throw Failure(description: "no pseudoterminal: \(String(cString: strerror(errno)))")
        }
        let path = "/dev/pts/\(number)"
        slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(slave, UInt(TIOCSWINSZ), &size)
        process = try Self.spawn(arguments, on: path, environment: environment)
    }

    deinit {
        if !hasEnded {
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
        }
        if master >= 0 { close(master) }
        close(slave)
    }

    private static func spawn(_ words: [String], on terminal: String, environment: [String: String]) throws -> pid_t {
        let basics = ["TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"]
        let settings = basics.merging(environment) { $1 }.map { "\($0)=\($1)" }
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawnattr_setflags(&attributes, newSession)
        for descriptor in 0...2 as ClosedRange<Int32> {
            posix_spawn_file_actions_addopen(&actions, descriptor, terminal, O_RDWR, 0)
        }
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = settings.map { strdup($0) } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var process: pid_t = 0
        let failure = posix_spawn(&process, words[0], &actions, &attributes, &arguments, &variables)
        guard failure == 0 else { throw Failure(description: "\(words[0]): \(String(cString: strerror(failure)))") }
        return process
    }

    package func send(_ text: String) { send(Array(text.utf8)) }

    /// Sends keys; while the program doesn't read them, its output is read, but only as much as makes room.
    package func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EAGAIN else { return }
            rest = rest.dropFirst(max(0, count))
            if count <= 0 { _ = readOnce(milliseconds: 20) }
        }
    }

    package func resize(rows: UInt16, columns: UInt16) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    }

    /// Reads what the program wrote; returns false at its end or if nothing came in time.
    private func readOnce(milliseconds: Int32) -> Bool {
        var waiting = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, milliseconds) > 0 else { return false }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = read(master, &bytes, bytes.count)
        guard count > 0 else { return false }
        output += String(decoding: bytes[..<count], as: UTF8.self)
        return true
    }

    /// The next bytes, so many at most, as a slow line delivers them; none if there are none yet.
    package func receive(atMost count: Int) -> [UInt8] {
        var waiting = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 0) > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: count)
        let filled = read(master, &bytes, count)
        return Array(bytes.prefix(max(0, filled)))
    }

    /// Reads until `text` has come, and drops everything up to it.
    package func expect(_ text: String, within seconds: Double = 20) throws {
        let end = Date().addingTimeInterval(seconds)
        while true {
            if let found = output.range(of: text) {
                output = String(output[found.upperBound...])
                return
            }
            guard readOnce(milliseconds: 200) || Date() < end else {
                throw Failure(
                    description: "“\(text)” did not come; at the end there was \(output.suffix(300).debugDescription)")
            }
        }
    }

    /// The exit status; the program must end by itself.
    package func exitStatus(within seconds: Double = 20) throws -> Int32 {
        let end = Date().addingTimeInterval(seconds)
        var status: Int32 = 0
        while waitpid(process, &status, WNOHANG) == 0 {
            guard Date() < end else { throw Failure(description: "the program did not end") }
            _ = readOnce(milliseconds: 50)
        }
        hasEnded = true
        while readOnce(milliseconds: 50) {}
        return status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F)
    }

    /// The line settings, to be compared.
    package var settings: [UInt32] {
        var settings = termios()
        tcgetattr(slave, &settings)
        return [settings.c_iflag, settings.c_oflag, settings.c_cflag, settings.c_lflag]
    }

    /// Closes the other end, as when a connection breaks.
    package func hangUp() {
        close(master)
        master = -1
    }
}
