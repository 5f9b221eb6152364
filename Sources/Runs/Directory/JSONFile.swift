import Files
import FoundationEssentials

/// A file of a run that holds one JSON object, keys in alphabetical order, and is replaced as a whole.
enum JSONFile {
    /// Replaces the file in one go; `end` stands behind the object.
    static func write(_ value: some Encodable, to path: String, end: String = "") throws(RunsError) {
        guard let json = try? bytes(of: value) else { throw .unencodable(path: path) }
        try RunsError.converting { () throws(FileError) in try AtomicFile.replace(path, with: json + Array(end.utf8)) }
    }

    /// The bytes of the file, or nil if there is none.
    static func read(_ path: String, limit: Int) throws(RunsError) -> Data? {
        let bytes = try RunsError.converting { () throws(FileError) in try WholeFile.read(path, limit: limit) }
        return bytes.map { Data($0) }
    }

    /// - Throws: if a number is not finite.
    static func bytes(of value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }
}
