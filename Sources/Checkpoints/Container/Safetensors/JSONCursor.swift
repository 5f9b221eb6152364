/// A place in a JSON text that moves forward, for a reader that knows what to expect. Nothing is built but what is asked
/// for, so memory stays in proportion to that.
struct JSONCursor {
    private static let depthLimit = 32

    private let bytes: [UInt8]
    private var position = 0
    private let start: Int
    private let name: String
    let path: String

    /// - Parameter name: what the text is called in errors.
    init(_ bytes: [UInt8], at start: Int, name: String, path: String) {
        self.bytes = bytes
        self.start = start
        self.name = name
        self.path = path
    }

    func damaged(_ problem: String) -> CheckpointError {
        .damaged(path: path, place: "\(name), byte \(start + position)", problem: problem)
    }

    // MARK: - Tokens

    /// The next byte that is no white space, or nil at the end; it is not consumed.
    private mutating func peek() -> UInt8? {
        while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
        return position < bytes.count ? bytes[position] : nil
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(CheckpointError) {
        guard accept(character) else { throw damaged("'\(character)' expected") }
    }

    /// Only white space may follow.
    mutating func end() throws(CheckpointError) {
        guard peek() == nil else { throw damaged("something follows the end") }
    }

    // MARK: - Values

    /// An object; `body` reads the value of each key, and must.
    mutating func object(
        _ body: (inout JSONCursor, String) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        try expect("{")
        if accept("}") { return }
        repeat {
            let key = try text()
            try expect(":")
            try body(&self, key)
        } while accept(",")
        try expect("}")
    }

    /// An object of at most `limit` members whose values are all texts.
    mutating func texts(limit: Int) throws(CheckpointError) -> [(key: String, value: String)] {
        var texts: [(key: String, value: String)] = []
        try object { json, key throws(CheckpointError) in
            guard texts.count < limit else { throw json.damaged("more than \(limit) texts") }
            texts.append((key, try json.text()))
        }
        return texts
    }

    /// An array of at most `limit` integers that aren't negative.
    mutating func counts(limit: Int) throws(CheckpointError) -> [Int] {
        try expect("[")
        var counts: [Int] = []
        if accept("]") { return counts }
        repeat {
            guard counts.count < limit else { throw damaged("more than \(limit) numbers") }
            counts.append(try count())
        } while accept(",")
        try expect("]")
        return counts
    }

    private mutating func count() throws(CheckpointError) -> Int {
        _ = peek()
        let digits = bytes[position...].prefix { (0x30...0x39).contains($0) }
        guard let count = Int(String(decoding: digits, as: UTF8.self)), digits.count == 1 || digits.first != 0x30 else {
            throw damaged("a count expected")
        }
        position += digits.count
        return count
    }

    mutating func text() throws(CheckpointError) -> String {
        try expect("\"")
        var content: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return try checked(content)
            case UInt8(ascii: "\\"): content += try escape()
            case 0..<0x20: throw damaged("a control character in a text")
            default: content.append(byte)
            }
        }
        throw damaged("a text without its end")
    }

    private func checked(_ content: [UInt8]) throws(CheckpointError) -> String {
        guard let text = String(validating: content, as: UTF8.self) else { throw damaged("a text that is not UTF-8") }
        return text
    }

    private mutating func escape() throws(CheckpointError) -> [UInt8] {
        guard position < bytes.count else { throw damaged("a text without its end") }
        let letter = bytes[position]
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [letter]
        case UInt8(ascii: "b"): return [8]
        case UInt8(ascii: "f"): return [12]
        case UInt8(ascii: "n"): return [10]
        case UInt8(ascii: "r"): return [13]
        case UInt8(ascii: "t"): return [9]
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw damaged("an unknown escape")
        }
    }

    /// `\uXXXX`, or two of them for a character beyond the first 65,536.
    private mutating func unicodeEscape() throws(CheckpointError) -> [UInt8] {
        var units = [try hexadecimal()]
        if (0xD800..<0xDC00).contains(units[0]), bytes[position...].starts(with: Array("\\u".utf8)) {
            position += 2
            units.append(try hexadecimal())
        }
        guard let text = String(validating: units, as: UTF16.self) else { throw damaged("half a character") }
        return Array(text.utf8)
    }

    private mutating func hexadecimal() throws(CheckpointError) -> UInt16 {
        let digits = bytes[position...].prefix(4)
        guard digits.count == 4, digits.allSatisfy({ $0 != 0x2B && $0 != 0x2D }),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw damaged("four hexadecimal digits expected") }
        position += 4
        return unit
    }

    /// Passes over any value.
    mutating func skip() throws(CheckpointError) {
        try skip(depth: 0)
    }

    private mutating func skip(depth: Int) throws(CheckpointError) {
        guard depth < Self.depthLimit else { throw damaged("nested too deeply") }
        switch peek() {
        case UInt8(ascii: "\""): _ = try text()
        case UInt8(ascii: "{"):
            try object { json, _ throws(CheckpointError) in
                try json.skip(depth: depth + 1)
            }
        case UInt8(ascii: "["): try skipArray(depth: depth)
        default: try skipWord()
        }
    }

    private mutating func skipArray(depth: Int) throws(CheckpointError) {
        try expect("[")
        if accept("]") { return }
        repeat { try skip(depth: depth + 1) } while accept(",")
        try expect("]")
    }

    /// A number, or true, false or null.
    private mutating func skipWord() throws(CheckpointError) {
        let word = bytes[position...].prefix { !Self.isSpace($0) && $0 != 0x2C && $0 != 0x5D && $0 != 0x7D }
        let text = String(decoding: word.prefix(400), as: UTF8.self)
        guard ["true", "false", "null"].contains(text) || Double(text) != nil else { throw damaged("a value expected") }
        position += word.count
    }
}
