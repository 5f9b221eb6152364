import CZlib
import Glibc

/// Deflated bytes of a file, given out a piece at a time: never more in memory than two pieces.
enum Inflation {
    private static let pieceSize = 1 << 18

    /// All of an entry.
    static func bytes(
        of entry: ZipArchive.Entry, at range: Range<Int>, in archive: ZipArchive
    ) throws(CheckpointError) -> [UInt8] {
        var bytes: [UInt8] = []
        try stream(archive.source, range, byteCount: entry.byteCount, place: "entry '\(entry.name)'") {
            (piece) throws(CheckpointError) in bytes += piece
        }
        return bytes
    }

    /// Inflates a range of the file, which must give exactly `byteCount` bytes.
    static func stream(
        _ source: FileSource, _ range: Range<Int>, byteCount: Int, place: String,
        _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        var stream = z_stream()
        guard normscope_inflate_init(&stream, -15) == Z_OK else {
            throw .system(path: source.path, operation: "inflate", code: ENOMEM)
        }
        defer { inflateEnd(&stream) }
        var position = range.lowerBound
        var left = byteCount
        var isDone = false
        while !isDone {
            var input = try source.bytes(position..<min(position + pieceSize, range.upperBound))
            guard !input.isEmpty else {
                throw .damaged(path: source.path, place: place, problem: "the deflated data ends too early")
            }
            position += input.count
            isDone = try inflate(&stream, &input, &left, source.path, place, body)
        }
        guard left == 0 else {
            throw .damaged(path: source.path, place: place, problem: "inflates to \(left) bytes less than it claims")
        }
    }

    /// Inflates one piece of input; whether that was the last.
    private static func inflate(
        _ stream: inout z_stream, _ input: inout [UInt8], _ left: inout Int, _ path: String, _ place: String,
        _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
    ) throws(CheckpointError) -> Bool {
        var output = [UInt8](repeating: 0, count: pieceSize)
        var inputStart = 0
        while true {
            let (result, consumed, produced) = step(&stream, &input, from: inputStart, &output)
            inputStart += consumed
            guard result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR, produced <= left else {
                throw .damaged(path: path, place: place, problem: "the deflated data is broken")
            }
            left -= produced
            if produced > 0 {
                try output.withBytes { bytes throws(CheckpointError) in
                    try body(UnsafeRawBufferPointer(rebasing: bytes[..<produced]))
                }
            }
            if result == Z_STREAM_END { return true }
            if produced < pieceSize { return false }
        }
    }

    private static func step(
        _ stream: inout z_stream, _ input: inout [UInt8], from start: Int, _ output: inout [UInt8]
    ) -> (result: Int32, consumed: Int, produced: Int) {
        input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                let available = input.count - start
                stream.next_in = input.baseAddress! + start
                stream.avail_in = UInt32(available)
                stream.next_out = output.baseAddress!
                stream.avail_out = UInt32(output.count)
                let result = CZlib.inflate(&stream, Z_NO_FLUSH)
                return (result, available - Int(stream.avail_in), output.count - Int(stream.avail_out))
            }
        }
    }
}
