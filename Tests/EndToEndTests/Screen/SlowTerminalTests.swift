import EventLog
import Foundation
import TerminalTesting
import Testing

/// The dashboard on a line of 9600 baud: the screen is never far behind, however much there would be to show.
@Suite struct SlowTerminalTests {
    /// The bytes that 9600 baud transfer in a tenth of a second.
    private static let share = 96
    /// The kernel's buffer on the way and two pictures in full: more must never stand between a key and what it does.
    private static let mostBytes = 8192 + 2 * 6000

    /// The text that shows that the Runs view has been drawn: behind the column by which runs are sorted, and nowhere
    /// in the views before. Words are no sign: only those letters are sent that were not there already.
    private static let sortArrow = "↑"

    /// The buffer between the program and the line.
    enum Way: CaseIterable { case kernelAlone, bufferWithoutEnd }

    /// A terminal at the end of the line: reads what the line transfers, and answers when it is asked to.
    private struct Line {
        let terminal: PseudoTerminal
        let way: Way
        private var seen: [UInt8] = []
        private var answered = 0
        private var waiting: [UInt8] = []

        init(_ terminal: PseudoTerminal, _ way: Way) {
            self.terminal = terminal
            self.way = way
        }

        var bytes: Int { seen.count }
        var text: String { String(decoding: seen, as: UTF8.self) }

        private mutating func receive() -> [UInt8] {
            if way == .kernelAlone { return terminal.receive(atMost: share) }
            while case let more = terminal.receive(atMost: 65_536), !more.isEmpty { waiting += more }
            defer { waiting.removeFirst(min(share, waiting.count)) }
            return Array(waiting.prefix(share))
        }

        mutating func tick() {
            seen += receive()
            let asked = text.components(separatedBy: "\u{1B}[5n").count - 1
            while answered < asked {
                terminal.send("\u{1B}[0n")
                answered += 1
            }
            usleep(100_000)
        }
    }

    @Test(arguments: Way.allCases)
    func aKeyIsAnsweredWithinOnePictureWhileEverythingMoves(_ way: Way) throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        try FileManager.default.createDirectory(atPath: workspace.path("logs/a"), withIntermediateDirectories: true)
        let writer = try EventWriter(directory: workspace.path("logs/a"), startedAt: 1_700_000_000)
        let environment = [
            "HOME": workspace.directory, "TERM": "xterm-256color", "LANG": "C.UTF-8",
        ]
        var line = Line(
            try PseudoTerminal([TestWorkspace.program, "watch", workspace.path("logs")], environment: environment), way)
        var step: Int64 = 0
        func log() throws {
            for tag in 0..<20 {
                let value = Float((step * 37 + Int64(tag) * 11) % 101)
                writer.scalar("g/t\(tag)", step: step, value: value, wallTime: 1_700_000_000 + Double(step))
            }
            try writer.flush()
            step += 1
        }
        try log()
        line.terminal.send("2=")
        while line.bytes < 12_000 {
            try log()
            line.tick()
        }
        #expect(!line.text.contains(Self.sortArrow))
        let before = line.bytes
        line.terminal.send("6")
        while !line.text.contains(Self.sortArrow) {
            try #require(line.bytes - before < Self.mostBytes, "\(line.bytes - before) bytes, and no answer")
            try log()
            line.tick()
        }
        line.terminal.send("q")
        #expect(try line.terminal.exitStatus() == 0)
    }
}
