/// A place in a sequence of bytes that moves forward: all of it in memory, or a range of a file read a window at a time.
struct ByteCursor {
    private static let window = 1 << 16
    private static let lineLimit = 1 << 20

    let path: String
    /// What the bytes are called in error messages, such as `data.pkl`.
    let name: String
    private(set) var position: Int
    private let end: Int
    private let source: FileSource?
    private var buffer: [UInt8]
    private var bufferStart: Int

    init(_ bytes: [UInt8], name: String, path: String) {
        self.path = path
        self.name = name
        position = 0
        end = bytes.count
        source = nil
        buffer = bytes
        bufferStart = 0
    }

    /// - Precondition: the range lies inside the file.
    init(_ source: FileSource, _ range: Range<Int>, name: String) {
        path = source.path
        self.name = name
        position = range.lowerBound
        end = range.upperBound
        self.source = source
        buffer = []
        bufferStart = range.lowerBound
    }

    var remaining: Int { end - position }

    /// "data.pkl, byte 17": where the cursor stands, for a message.
    var place: String { "\(name), byte \(position)" }

    func damaged(_ problem: String) -> CheckpointError {
        .damaged(path: path, place: place, problem: problem)
    }

    /// Makes sure that `count` bytes stand in the buffer; returns the buffer's index of the first.
    private mutating func require(_ count: Int) throws(CheckpointError) -> Int {
        guard count <= remaining else {
            throw damaged("\(count) bytes expected, \(remaining) are there")
        }
        let start = position - bufferStart
        if start >= 0, start + count <= buffer.count { return start }
        guard let source else { throw damaged("\(count) bytes expected, fewer are there") }
        buffer = try source.bytes(position..<position + max(count, min(Self.window, remaining)))
        bufferStart = position
        return 0
    }

    mutating func byte() throws(CheckpointError) -> UInt8 {
        let start = try require(1)
        position += 1
        return buffer[start]
    }

    /// - Precondition: `count` is not negative.
    mutating func take(_ count: Int) throws(CheckpointError) -> ArraySlice<UInt8> {
        let start = try require(count)
        position += count
        return buffer[start..<start + count]
    }

    /// Goes on after `count` bytes, without reading them.
    mutating func skip(_ count: Int) throws(CheckpointError) {
        guard count <= remaining else { throw damaged("\(count) bytes expected, \(remaining) are there") }
        position += count
    }

    /// A little-endian unsigned number of `byteCount` bytes.
    mutating func number(_ byteCount: Int) throws(CheckpointError) -> UInt64 {
        try take(byteCount).littleEndian(at: 0, byteCount)
    }

    /// A length in `byteCount` bytes, which must fit in what is left.
    mutating func length(_ byteCount: Int) throws(CheckpointError) -> Int {
        let value = try number(byteCount)
        guard value <= UInt64(remaining) else {
            throw damaged("a length of \(value) bytes where \(remaining) are left")
        }
        return Int(value)
    }

    /// The bytes up to the next newline, which is skipped.
    mutating func line() throws(CheckpointError) -> [UInt8] {
        var line: [UInt8] = []
        while line.count < Self.lineLimit {
            let next = try byte()
            if next == UInt8(ascii: "\n") { return line }
            line.append(next)
        }
        throw damaged("a line of more than \(Self.lineLimit) bytes")
    }
}
