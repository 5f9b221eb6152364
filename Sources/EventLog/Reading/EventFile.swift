import Files
import Glibc

/// An event file and how far it has been read.
///
/// Invariant: `offset` is where the next record begins, or, while the framing is lost, where the search goes on. Records
/// are taken in once, in order, and only when they are complete. The file is open only while it is read, so that a
/// thousand runs don't take a thousand descriptors; it is read, never mapped, since a mapped file that shrinks kills.
struct EventFile {
    /// The change of a file between one look and the next.
    enum Change {
        case none, grown, replaced
        case unreadable(String)
    }

    let path: String
    let name: String
    private(set) var offset = 0
    private(set) var size = 0
    /// What is wrong at the end of the file now, but may be right once more has been written.
    private(set) var pending: LogProblem?

    /// The offset at which the framing was lost; nil while it is not.
    private var lostAt: Int?
    private var seen: FileVersion?
    /// The file's first bytes, which a file that grows keeps.
    private var opening: [UInt8] = []
    private var finished = false

    init(directory: String, name: String) {
        path = directory + "/" + name
        self.name = name
    }

    /// When it was written to last, seconds since 1970.
    var modified: Double { seen?.modified ?? 0 }

    /// Whether everything that can be read now has been.
    var isCaughtUp: Bool { finished }

    mutating func look() -> Change {
        guard let now = FileVersion(path) else { return .unreadable(systemReason()) }
        guard now.kind == .file else { return .unreadable("not a regular file") }
        let before = seen
        seen = now
        size = now.size
        guard let before else { return .grown }
        if before == now { return finished ? .none : .grown }
        finished = false
        return now.identity == before.identity && now.size >= offset ? .grown : .replaced
    }

    /// Reads what is new until the allowance is used up, but something in any case. Answers `.replaced` if the
    /// beginning of the file is not what it was: then nothing that was read of it holds.
    mutating func read(
        into contents: inout LogContents, through window: inout ReadWindow, _ allowance: inout Allowance
    ) -> Change {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return .unreadable(systemReason(errno)) }
        defer { close(file) }
        guard keepsOpening(file) else { return .replaced }
        goBackIfMended(file)
        pending = lostAt.map { LogProblem(file: name, offset: $0, kind: .unreadableEnd) }
        var hasGrown = false
        repeat {
            let count = window.fill(from: file, at: offset)
            guard count >= 0 else { return .unreadable(systemReason(errno)) }
            size = max(size, offset + count)
            let wasLost = lostAt
            let taken = lostAt == nil ? takeRecords(window.bytes, &contents) : searchRecord(window.bytes, &contents)
            allowance.spend(max(taken, 1))
            hasGrown = taken == 0 && lostAt == wasLost && makesRoom(in: &window)
            if taken == 0 && lostAt == wasLost && !hasGrown {
                finished = true
                break
            }
        } while !allowance.isUsedUp || hasGrown
        window.shrink()
        return .grown
    }

    private mutating func keepsOpening(_ file: Int32) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = pread(file, &bytes, bytes.count, 0)
        guard count >= opening.count, bytes.starts(with: opening) else { return false }
        if opening.count < 64 { opening = Array(bytes.prefix(max(count, 0))) }
        return true
    }

    /// On a network file system the end of a file may show zeros before it shows what was written there.
    private mutating func goBackIfMended(_ file: Int32) {
        guard let lost = lostAt else { return }
        var header = [UInt8](repeating: 0, count: RecordFraming.headerSize)
        guard pread(file, &header, header.count, lost) == header.count,
            header.withUnsafeBytes({ RecordFraming.length(in: $0, at: 0) }) != nil
        else { return }
        lostAt = nil
        offset = lost
    }
}

extension EventFile {
    /// Takes in the complete records at the beginning of `bytes`, which stand at `offset` in the file; answers how many
    /// bytes it has done with.
    private mutating func takeRecords(_ bytes: UnsafeRawBufferPointer, _ contents: inout LogContents) -> Int {
        var place = RecordPlace(file: name, offset: offset)
        var start = 0
        while start + RecordFraming.headerSize <= bytes.count {
            guard let length = RecordFraming.length(in: bytes, at: start) else {
                lostAt = offset + start
                pending = LogProblem(file: name, offset: offset + start, kind: .unreadableEnd)
                break
            }
            let end = start + length + RecordFraming.overhead
            place.offset = offset + start
            if length > RecordFraming.longestRead {
                guard offset + end <= size else { break }
                contents.report(.oversizedRecord(bytes: length), place)
                start = end
                break
            }
            guard end <= bytes.count else { break }
            if RecordFraming.isIntact(bytes, at: start, length: length) {
                contents.take(RecordFraming.data(in: bytes, at: start, length: length), place)
            } else if !skipsDamaged(length, end, place, &contents) {
                break
            }
            start = end
        }
        offset += start
        return start
    }

    /// A damaged record is skipped, unless it is the last thing in the file: then it may still be on its way.
    private mutating func skipsDamaged(
        _ length: Int, _ end: Int, _ place: RecordPlace, _ contents: inout LogContents
    ) -> Bool {
        guard offset + end < size else {
            pending = LogProblem(file: name, offset: place.offset, kind: .damagedRecord(bytes: length))
            return false
        }
        contents.report(.damagedRecord(bytes: length), place)
        return true
    }

    /// Looks for the next record's header; answers how many bytes it has done with.
    private mutating func searchRecord(_ bytes: UnsafeRawBufferPointer, _ contents: inout LogContents) -> Int {
        let lost = lostAt ?? offset
        // The first byte of what was no header is none either.
        let start = offset == lost ? 1 : 0
        guard let found = RecordFraming.search(in: bytes, from: start) else {
            let done = max(bytes.count - RecordFraming.headerSize + 1, 0)
            offset += done
            return done
        }
        offset += found
        lostAt = nil
        pending = nil
        contents.report(.lostFraming(bytes: offset - lost), RecordPlace(file: name, offset: lost))
        return found
    }

    /// Nothing could be done with what the window holds. If that is because a complete record is larger than the window,
    /// makes room for it and answers true.
    private func makesRoom(in window: inout ReadWindow) -> Bool {
        guard lostAt == nil, window.bytes.count >= RecordFraming.headerSize,
            let length = RecordFraming.length(in: window.bytes, at: 0)
        else { return false }
        let needed = length + RecordFraming.overhead
        guard needed > window.capacity, length <= RecordFraming.longestRead, offset + needed <= size else {
            return false
        }
        window.grow(to: needed)
        return true
    }
}
