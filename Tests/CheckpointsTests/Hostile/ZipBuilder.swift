/// A zip file put together by hand, where any field of its directory can be made to lie.
struct ZipBuilder {
    /// What the directory says of one entry.
    struct Claim {
        var name: String
        var method = 0
        var flags = 0
        var storedSize: Int
        var size: Int
        var offset: Int
    }

    private var body: [UInt8] = []
    var claims: [Claim] = []
    /// What the end record says; nil: the truth.
    var claimedCount: Int?
    var claimedDirectoryOffset: Int?

    mutating func add(_ name: String, _ content: [UInt8]) {
        claims.append(Claim(name: name, storedSize: content.count, size: content.count, offset: body.count))
        body += Self.numbers(4, 0x0403_4B50)
        body += Self.numbers(2, 0, 0, 0, 0, 0)
        body += Self.numbers(4, 0, content.count, content.count)
        body += Self.numbers(2, name.utf8.count, 0)
        body += Array(name.utf8) + content
    }

    func bytes() -> [UInt8] {
        let directory = claims.flatMap(Self.entry)
        let count = claimedCount ?? claims.count
        var end = Self.numbers(4, 0x0605_4B50)
        end += Self.numbers(2, 0, 0, count, count)
        end += Self.numbers(4, directory.count, claimedDirectoryOffset ?? body.count)
        end += Self.numbers(2, 0)
        return body + directory + end
    }

    private static func entry(_ claim: Claim) -> [UInt8] {
        var entry = numbers(4, 0x0201_4B50)
        entry += numbers(2, 0, 0, claim.flags, claim.method, 0, 0)
        entry += numbers(4, 0, claim.storedSize, claim.size)
        entry += numbers(2, claim.name.utf8.count, 0, 0, 0, 0)
        entry += numbers(4, 0, claim.offset)
        return entry + Array(claim.name.utf8)
    }

    private static func numbers(_ byteCount: Int, _ values: Int...) -> [UInt8] {
        values.flatMap { value in (0..<byteCount).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    }
}
