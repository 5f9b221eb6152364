import Tensors

/// A file in MNIST's format: a magic number (two zero bytes, the element type, the number of dimensions), each
/// dimension as a big-endian 32-bit integer, then the elements, the last dimension varying fastest.
///
/// Only unsigned bytes are read, with one dimension (labels) or three (grey images). What a header claims is checked
/// against what the file can hold before memory is taken for it.
struct IDXFile {
    enum Kind: UInt32 {
        case labels = 0x0000_0801
        case images = 0x0000_0803

        var dimensions: Int { Int(rawValue & 0xff) }
        var name: String { self == .labels ? "labels" : "images" }
    }

    let path: String
    let dimensions: [Int]
    let elements: AlignedBuffer<UInt8>

    init(path: String, kind: Kind) throws(DatasetError) {
        let file = try DataFile(path: path)
        let magic = Self.bigEndian(try file.bytes(4))[0]
        guard magic == kind.rawValue else {
            throw .notIDX(path: path, kind: kind.name, expected: kind.rawValue, found: magic)
        }
        let dimensions = Self.bigEndian(try file.bytes(4 * kind.dimensions)).map(Int.init)
        let count = try Self.checkedCount(dimensions, in: file)
        elements = AlignedBuffer(count: count)
        let found = try file.read(into: .init(elements.elements))
        let header = 4 + 4 * dimensions.count
        guard found == count else { throw .truncated(path: path, expected: header + count, found: header + found) }
        try Self.expectEnd(of: file)
        self.path = path
        self.dimensions = dimensions
    }

    /// The number of elements that a header claims, if its file can hold them.
    private static func checkedCount(_ dimensions: [Int], in file: DataFile) throws(DatasetError) -> Int {
        let claim = dimensions.map(String.init).joined(separator: "×") + " bytes"
        var count = 1
        for dimension in dimensions {
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            guard !overflow else {
                throw .implausible(path: file.path, claim: claim, limit: "no file is that large")
            }
            count = product
        }
        guard count > 0 else { throw .empty(path: file.path) }
        guard count <= file.contentLimit else {
            // Unpacked, the sizes are exact, so that the plain word for it is: truncated.
            guard file.contentLimit > file.size else {
                throw .truncated(path: file.path, expected: file.offset + count, found: file.size)
            }
            throw .implausible(
                path: file.path, claim: claim, limit: "the file has \(file.size) bytes, gzipped")
        }
        return count
    }

    static func expectEnd(of file: DataFile) throws(DatasetError) {
        let expected = file.offset
        var extra: UInt8 = 0
        let found: Result<Int, DatasetError> = withUnsafeMutableBytes(of: &extra) { byte in
            Result { () throws(DatasetError) in try file.read(into: byte) }
        }
        guard try found.get() == 0 else { throw .trailingBytes(path: file.path, expected: expected) }
    }

    private static func bigEndian(_ bytes: [UInt8]) -> [UInt32] {
        stride(from: 0, to: bytes.count, by: 4).map { start in
            bytes[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
    }
}
