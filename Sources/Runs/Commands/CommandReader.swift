import Files
import Glibc

/// The engine's side of `commands.jsonl`: a reader of the new complete lines, in their order, each once.
///
/// Made to be asked between two steps: while nothing was appended, `poll` costs one system call. It never holds more
/// than one line of at most 16 KB and one block.
package struct CommandReader {
    package enum Item: Equatable, Sendable {
        case command(Command)
        /// A line that is no command, with the reason; it is skipped.
        case rejected(RunsError)
    }

    package enum Start: Sendable {
        /// What stands in the file already counts, as for a new run.
        case beginning
        /// Only what is appended from now on, as for a resumed run, whose old commands were obeyed before.
        case end
    }

    private let path: String
    private var seen: FileIdentity?
    private var offset = 0
    private var line: [UInt8] = []
    private var skipsToLineEnd = false

    private static let longestLine = 16 * 1024
    private static let blockSize = 64 * 1024

    package init(path: String, from start: Start = .beginning) {
        self.path = path
        guard start == .end, let version = FileVersion(path) else { return }
        seen = version.identity
        offset = version.size
        // If a torn line stands there, its rest is no command of ours.
        skipsToLineEnd = !Self.endsInALine(path, size: version.size)
    }

    /// What was appended since the last time, at most 64 KB of it.
    ///
    /// - Throws: `refusedCommands` if the file is not the engine's user's own or anybody may write to it; nothing of it
    /// is   obeyed then, and what stands in it now never will be.
    package mutating func poll() throws(RunsError) -> [Item] {
        guard let version = FileVersion(path) else { return [] }
        if let seen, seen != version.identity || version.size < offset {
            return startOver(version)
        }
        seen = version.identity
        guard version.size > offset else { return [] }
        return try readNew(size: version.size)
    }

    /// Commands that were obeyed once must not be obeyed again because an editor saved the file.
    private mutating func startOver(_ version: FileVersion) -> [Item] {
        seen = version.identity
        offset = version.size
        line = []
        skipsToLineEnd = false
        return [
            .rejected(
                .refusedCommands(
                    path: path, problem: "the file was replaced or cut; only what is appended from now on is obeyed"))
        ]
    }

    private mutating func readNew(size: Int) throws(RunsError) -> [Item] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(path) }
        defer { close(descriptor) }
        if let problem = CommandFile.problem(with: descriptor) {
            offset = size
            throw .refusedCommands(path: path, problem: problem)
        }
        var block = [UInt8](repeating: 0, count: Self.blockSize)
        let count = pread(descriptor, &block, block.count, offset)
        guard count >= 0 else { throw .unreadable(path) }
        offset += count
        return items(in: block[..<count])
    }

    private mutating func items(in bytes: ArraySlice<UInt8>) -> [Item] {
        var items: [Item] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                if let item = endLine() { items.append(item) }
            } else if !skipsToLineEnd {
                line.append(byte)
                if line.count > Self.longestLine {
                    items.append(
                        .rejected(.badCommand(text: "…", problem: "a line of more than \(Self.longestLine) bytes")))
                    line = []
                    skipsToLineEnd = true
                }
            }
        }
        return items
    }

    private mutating func endLine() -> Item? {
        defer {
            line = []
            skipsToLineEnd = false
        }
        guard !skipsToLineEnd, line.contains(where: { $0 > 0x20 }) else { return nil }
        do {
            return .command(try Command(jsonLine: line))
        } catch {
            return .rejected(error)
        }
    }

    private static func endsInALine(_ path: String, size: Int) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        return CommandFile.endsInALine(descriptor, size: size)
    }
}
