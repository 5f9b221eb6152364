/// TFRecord framing: how TensorBoard's event files hold one message after the other.
///
///     length (8 bytes) | masked CRC-32C of the length (4) | data | masked CRC-32C of the data (4)      little-endian
enum RecordFraming {
    static let headerSize = 12
    static let overhead = 16

    /// No message is as long as this; a length beyond it is taken for damage, even if its checksum is right.
    static let longestConceivable: UInt64 = 1 << 40
    /// The longest record that is read: protocol buffers end at 2 GiB, and what logs hold that is even near this (graphs,
    /// embeddings) isn't shown.
    static let longestRead = 1 << 28

    /// The length of the record that begins at `offset`, if what stands there is a record's header.
    @inline(__always)
    static func length(in window: UnsafeRawBufferPointer, at offset: Int) -> Int? {
        let length = UInt64(littleEndian: window.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        guard length <= longestConceivable else { return nil }
        let sum = UInt32(littleEndian: window.loadUnaligned(fromByteOffset: offset + 8, as: UInt32.self))
        return Checksum.masked(length: length) == sum ? Int(length) : nil
    }

    /// Whether the `length` bytes of data behind the header at `offset` have the checksum that follows them.
    @inline(__always)
    static func isIntact(_ window: UnsafeRawBufferPointer, at offset: Int, length: Int) -> Bool {
        let end = offset + headerSize + length
        let sum = UInt32(littleEndian: window.loadUnaligned(fromByteOffset: end, as: UInt32.self))
        return Checksum.masked(data(in: window, at: offset, length: length)) == sum
    }

    @inline(__always)
    static func data(in window: UnsafeRawBufferPointer, at offset: Int, length: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: window[offset + headerSize..<offset + headerSize + length])
    }

    /// The first place at or after `offset` where a record's header stands, when the framing was lost. A chance match is
    /// one in four thousand million for each place.
    static func search(in window: UnsafeRawBufferPointer, from offset: Int) -> Int? {
        var place = offset
        while place + headerSize <= window.count {
            if length(in: window, at: place) != nil { return place }
            place += 1
        }
        return nil
    }
}
