import FoundationEssentials

/// A command as one line of `commands.jsonl`:
/// `{"command":"set","id":"1k2j…","key":"lr","time":1763877931.5,"value":"*0.5"}`.
extension Command {
    private struct Line: Codable {
        var id: String
        var time: Double?
        var command: String
        var key: String?
        var value: Value?
    }

    /// A text or a number: whoever writes `"value": 0.01` by hand means the same.
    private struct Value: Codable {
        let text: String

        init(_ text: String) {
            self.text = text
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            text = try (try? container.decode(Double.self)).map(plainNumber) ?? container.decode(String.self)
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(text)
        }
    }

    private static let longestID = 64

    /// The line, with the newline that ends it.
    var jsonLine: [UInt8] {
        var line = Line(id: id, time: time.isFinite ? time : 0, command: action.word)
        if case .set(let setting) = action {
            (line.key, line.value) = (setting.key, Value(setting.value))
        }
        // Texts and finite numbers always encode.
        return ((try? JSONFile.bytes(of: line)) ?? []) + [UInt8(ascii: "\n")]
    }

    init(jsonLine bytes: some Collection<UInt8>) throws(RunsError) {
        let text = String(decoding: bytes.prefix(80), as: UTF8.self)
        guard let line = try? JSONDecoder().decode(Line.self, from: Data(bytes)) else {
            throw .badCommand(text: text, problem: "not a JSON object with the texts \"id\" and \"command\"")
        }
        guard !line.id.isEmpty, line.id.utf8.count <= Self.longestID,
            line.id.unicodeScalars.allSatisfy({ $0.isASCII && $0.value > 0x20 && $0.value < 0x7f })
        else {
            throw .badCommand(text: text, problem: "its id must be 1 to \(Self.longestID) visible ASCII characters")
        }
        var words = line.command
        if let key = line.key {
            words += " \(key)=\(line.value?.text ?? "")"
        }
        self.init(id: line.id, time: line.time ?? 0, action: try Action(parsing: words))
    }
}
