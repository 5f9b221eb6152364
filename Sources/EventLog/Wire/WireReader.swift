/// A cursor in a protocol buffers message, which reads fields one after another.
///
/// The one entrance to unsafe reading of event files: every read checks what is left, a length never reaches beyond the
/// message it stands in, and nothing is allocated. A read that can't be done answers nil; the message is then malformed
/// and nothing more should be read from it.
///
/// Valid only while the bytes it was made from are.
struct WireReader {
    private var next: UnsafeRawPointer
    private let end: UnsafeRawPointer

    @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer) {
        // An empty buffer has no address; any will do, since nothing is ever read from it.
        next = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!
        end = next + bytes.count
    }

    @inline(__always) var isAtEnd: Bool { next == end }
    @inline(__always) var remaining: Int { end - next }
    @inline(__always) var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: next, count: remaining) }

    /// Base-128, least significant group first; at most ten bytes. Bits beyond 64 are dropped, as everyone does.
    @inline(__always)
    mutating func varint() -> UInt64? {
        guard next < end else { return nil }
        let first = next.load(as: UInt8.self)
        next += 1
        return first < 0x80 ? UInt64(first) : longVarint(UInt64(first & 0x7F))
    }

    private mutating func longVarint(_ low: UInt64) -> UInt64? {
        var value = low
        var shift: UInt64 = 7
        while next < end && shift < 70 {
            let byte = next.load(as: UInt8.self)
            next += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }

    @inline(__always)
    mutating func fixed64() -> UInt64? {
        guard remaining >= 8 else { return nil }
        let value = UInt64(littleEndian: next.loadUnaligned(as: UInt64.self))
        next += 8
        return value
    }

    @inline(__always)
    mutating func fixed32() -> UInt32? {
        guard remaining >= 4 else { return nil }
        let value = UInt32(littleEndian: next.loadUnaligned(as: UInt32.self))
        next += 4
        return value
    }

    @inline(__always)
    mutating func double() -> Double? {
        guard let bits = fixed64() else { return nil }
        return Double(bitPattern: bits)
    }

    @inline(__always)
    mutating func float() -> Float? {
        guard let bits = fixed32() else { return nil }
        return Float(bitPattern: bits)
    }

    /// A length and as many bytes: a string, a nested message, packed numbers.
    @inline(__always)
    mutating func bytes() -> UnsafeRawBufferPointer? {
        guard let length = varint(), length <= UInt64(remaining) else { return nil }
        let bytes = UnsafeRawBufferPointer(start: next, count: Int(length))
        next += Int(length)
        return bytes
    }

    /// Passes over a field of no interest, whose key was just read. Answers false if it is malformed.
    mutating func skip(_ key: UInt64) -> Bool {
        switch key & 7 {
        case 0: varint() != nil
        case 1: fixed64() != nil
        case 2: bytes() != nil
        case 3: skipGroup(key >> 3)
        case 5: fixed32() != nil
        default: false
        }
    }

    /// Groups are obsolete, but a valid message may hold them. Nested ones are counted, not recursed into.
    private mutating func skipGroup(_ number: UInt64) -> Bool {
        var open = [number]
        while let innermost = open.last {
            guard open.count <= 100, let key = varint() else { return false }
            switch key & 7 {
            case 3: open.append(key >> 3)
            case 4:
                guard key >> 3 == innermost else { return false }
                open.removeLast()
            default:
                guard skip(key) else { return false }
            }
        }
        return true
    }
}

extension String {
    /// Text from a file: what isn't UTF-8 becomes U+FFFD.
    init(repairing bytes: UnsafeRawBufferPointer) {
        self.init(decoding: bytes, as: UTF8.self)
    }
}

extension WireReader {
    /// The number in a field of a message: 0 where it is missing, the last one where it comes several times; nil where the
    /// message is damaged.
    static func number(_ field: UInt64, in message: UnsafeRawBufferPointer) -> UInt64? {
        var reader = WireReader(message)
        var number: UInt64 = 0
        while !reader.isAtEnd {
            guard let key = reader.varint() else { return nil }
            if key == field << 3 {
                guard let value = reader.varint() else { return nil }
                number = value
            } else {
                guard reader.skip(key) else { return nil }
            }
        }
        return number
    }
}
