import CZlib

/// A stream of compressed bytes being decompressed piece by piece by zlib.
///
/// Invariant: it never holds more than zlib's own window (about 40 KB); the caller owns input and output. Members of a
/// gzip file that follow one another, as `cat a.gz b.gz` makes them, are one stream.
package final class Inflater {
    package enum Format: Sendable {
        /// With gzip's header and checksum, as `.gz` files are.
        case gzip
        /// Deflated bytes alone, as in a zip file.
        case deflate
    }

    package enum Outcome: Equatable, Sendable {
        /// Some output was made or input taken; there may be more.
        case progress
        /// A member is complete.
        case memberEnd
        case corrupt(String)

        package var isCorrupt: Bool { if case .corrupt = self { true } else { false } }
    }

    private let stream: UnsafeMutablePointer<z_stream>

    /// Nil if there is no memory for the window.
    package init?(_ format: Format) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let windowBits =
            switch format {
            case .gzip: 16 + MAX_WBITS
            case .deflate: -MAX_WBITS
            }
        guard normscope_inflate_init(stream, windowBits) == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Decompresses from `input` into `output`, and removes from both what was used.
    package func advance(
        _ input: inout UnsafeRawBufferPointer, into output: inout UnsafeMutableRawBufferPointer
    ) -> Outcome {
        let taken = min(input.count, Int(UInt32.max))
        let room = min(output.count, Int(UInt32.max))
        // zlib only reads there.
        stream.pointee.next_in = UnsafeMutableRawPointer(mutating: input.baseAddress)?
            .assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = UInt32(taken)
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(room)
        let result = inflate(stream, Z_NO_FLUSH)
        input = .init(rebasing: input[(taken - Int(stream.pointee.avail_in))...])
        output = .init(rebasing: output[(room - Int(stream.pointee.avail_out))...])
        switch result {
        case Z_STREAM_END: return .memberEnd
        case Z_OK, Z_BUF_ERROR: return .progress
        default: return .corrupt(stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(result)")
        }
    }

    /// Makes ready for another member of the same file.
    package func startMember() {
        inflateReset(stream)
    }
}
