import FoundationEssentials

extension RunStatus {
    private static let sizeLimit = 64 * 1024
    /// How often a file that makes no sense is read again at once: on some network file systems a reader can meet the
    /// moment of its replacement.
    private static let attempts = 3

    /// Replaces a status file in one go.
    package func write(to path: String) throws(RunsError) {
        try JSONFile.write(self, to: path, end: "\n")
    }

    /// The status in a file, or `nil` if there is none yet.
    package static func read(from path: String) throws(RunsError) -> RunStatus? {
        var problem = ""
        for _ in 0..<attempts {
            guard let json = try JSONFile.read(path, limit: sizeLimit) else { return nil }
            do {
                return try JSONDecoder().decode(RunStatus.self, from: json)
            } catch let error as DecodingError {
                problem = Self.describe(error)
            } catch {
                problem = "it is not JSON"
            }
        }
        throw .badStatus(path: path, problem: problem)
    }

    private static func describe(_ error: DecodingError) -> String {
        switch error {
        case .typeMismatch(_, let context) where context.codingPath.isEmpty: "it is not a JSON object"
        case .keyNotFound(let key, _): "key '\(key.stringValue)' is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "key '\(context.codingPath.last?.stringValue ?? "")' has a value of another kind"
        case .dataCorrupted(let context):
            context.codingPath.last.map { "key '\($0.stringValue)' has a value that is not known" } ?? "it is not JSON"
        @unknown default: "it is not JSON"
        }
    }
}
