import Files
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
        guard let inflater = Inflater(.deflate) else {
            throw .system(path: source.path, operation: "inflate", code: ENOMEM)
        }
        var position = range.lowerBound
        var left = byteCount
        var isDone = false
        while !isDone {
            let input = try source.bytes(position..<min(position + pieceSize, range.upperBound))
            guard !input.isEmpty else {
                throw .damaged(path: source.path, place: place, problem: "the deflated data ends too early")
            }
            position += input.count
            isDone = try inflate(inflater, input, &left, source.path, place, body)
        }
        guard left == 0 else {
            throw .damaged(path: source.path, place: place, problem: "inflates to \(left) bytes less than it claims")
        }
    }

    /// Inflates one piece of input; whether that was the last.
    private static func inflate(
        _ inflater: Inflater, _ input: [UInt8], _ left: inout Int, _ path: String, _ place: String,
        _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
    ) throws(CheckpointError) -> Bool {
        var output = [UInt8](repeating: 0, count: pieceSize)
        var rest = input[...]
        while true {
            let (outcome, produced) = step(inflater, &rest, &output)
            guard !outcome.isCorrupt, produced <= left else {
                throw .damaged(path: path, place: place, problem: "the deflated data is broken")
            }
            left -= produced
            if produced > 0 {
                try output.withBytes { bytes throws(CheckpointError) in
                    try body(UnsafeRawBufferPointer(rebasing: bytes[..<produced]))
                }
            }
            if outcome == .memberEnd { return true }
            if produced < pieceSize { return false }
        }
    }

    /// Takes from `input` what fits into `output` inflated.
    private static func step(
        _ inflater: Inflater, _ input: inout ArraySlice<UInt8>, _ output: inout [UInt8]
    ) -> (outcome: Inflater.Outcome, produced: Int) {
        let (outcome, taken, produced) = input.withUnsafeBytes { given in
            output.withUnsafeMutableBytes { space in
                var (rest, room) = (given, space)
                let outcome = inflater.advance(&rest, into: &room)
                return (outcome, given.count - rest.count, space.count - room.count)
            }
        }
        input = input.dropFirst(taken)
        return (outcome, produced)
    }
}
