import CZlib
import FileTesting
import Files
import Foundation
import Testing

@Suite struct ReadingTests {
    @Test func aFileIsReadAsAWholeUpToItsLimit() throws {
        let folder = try TemporaryFolder()
        try folder.write("a", "12345")
        let path = folder.path + "/a"
        #expect(try WholeFile.read(path, limit: 5) == Array("12345".utf8))
        #expect(throws: FileError.unreadable(path: path, reason: "it has 5 bytes, more than the 4 it may have")) {
            try WholeFile.read(path, limit: 4)
        }
        #expect(try WholeFile.read(folder.path + "/b", limit: 5) == nil)
        #expect(throws: FileError.unreadable(path: folder.path, reason: "it is not a file")) {
            try WholeFile.read(folder.path, limit: 5)
        }
        // Files of the kernel say that they have no bytes.
        #expect(try WholeFile.read("/proc/self/stat", limit: 1 << 16)?.isEmpty == false)
    }

    @Test func pathsAreTakenApart() {
        #expect(["a/b/c.txt", "c", "/c", "/"].map(FilePath.parent) == ["a/b", ".", "/", "/"])
        #expect(["a/b/c.txt", "c", "/c/"].map(FilePath.lastPart) == ["c.txt", "c", "c"])
        #expect(["a/b/c.txt", ".c", "c.tar.gz"].map(FilePath.stem) == ["c", ".c", "c.tar"])
        #expect(FilePath.absolute("../b/./c", in: "/x/y") == "/x/b/c")
        #expect(FilePath.absolute("/../a") == "/a")
    }

    /// `bytes` compressed, with gzip's header or alone.
    private static func deflated(_ bytes: [UInt8], windowBits: Int32) -> [UInt8] {
        var stream = z_stream()
        deflateInit2_(
            &stream, 6, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        defer { deflateEnd(&stream) }
        var (input, output) = (bytes, [UInt8](repeating: 0, count: bytes.count + 1000))
        let count = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                (stream.next_in, stream.avail_in) = (input.baseAddress, UInt32(input.count))
                (stream.next_out, stream.avail_out) = (output.baseAddress, UInt32(output.count))
                deflate(&stream, Z_FINISH)
                return output.count - Int(stream.avail_out)
            }
        }
        return Array(output[..<count])
    }

    /// All of a stream, given and taken in pieces of so many bytes.
    private static func inflated(_ bytes: [UInt8], _ format: Inflater.Format, piece: Int) throws -> [UInt8] {
        let inflater = try #require(Inflater(format))
        var result: [UInt8] = []
        var space = [UInt8](repeating: 0, count: piece)
        var position = 0
        var outcome = Inflater.Outcome.progress
        while outcome == .progress {
            let end = min(position + piece, bytes.count)
            let produced = bytes[position..<end].withUnsafeBytes { given in
                space.withUnsafeMutableBytes { space in
                    var (rest, room) = (given, space)
                    outcome = inflater.advance(&rest, into: &room)
                    position = end - rest.count
                    return space.count - room.count
                }
            }
            result += space[..<produced]
            if produced == 0 && position == bytes.count { break }
        }
        #expect(outcome == .memberEnd)
        return result
    }

    @Test(arguments: [1, 7, 100_000]) func compressedBytesComeBackInPiecesOfAnySize(_ piece: Int) throws {
        let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) }
        #expect(try Self.inflated(Self.deflated(bytes, windowBits: 31), .gzip, piece: piece) == bytes)
        #expect(try Self.inflated(Self.deflated(bytes, windowBits: -15), .deflate, piece: piece) == bytes)
    }

    @Test func damagedBytesAreToldOf() throws {
        let inflater = try #require(Inflater(.gzip))
        var space = [UInt8](repeating: 0, count: 100)
        let outcome = Array("no gzip at all".utf8).withUnsafeBytes { given in
            space.withUnsafeMutableBytes { space in
                var (rest, room) = (given, space)
                return inflater.advance(&rest, into: &room)
            }
        }
        #expect(outcome == .corrupt("incorrect header check"))
    }
}
