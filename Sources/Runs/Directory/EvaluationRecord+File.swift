import Files
import FoundationEssentials

extension EvaluationRecord {
    private static let sizeLimit = 32 << 20

    /// Replaces the record in one go.
    package func write(to path: String) throws(RunsError) {
        try JSONFile.write(self, to: path)
    }

    /// The record in a file, or nil if there is none yet.
    package static func read(from path: String) throws(RunsError) -> EvaluationRecord? {
        guard let json = try JSONFile.read(path, limit: sizeLimit) else { return nil }
        guard let record = try? JSONDecoder().decode(EvaluationRecord.self, from: json) else {
            throw .file(.unreadable(path: path, reason: "it is no record of an evaluation"))
        }
        if let problem = record.problem { throw .file(.unreadable(path: path, reason: problem)) }
        return record
    }
}

/// Pixels and weights are base64: bytes, and 32-bit floats with the lowest byte first.
extension EvaluationRecord: Codable {
    private enum Key: String, CodingKey {
        case step, classes, confusion, channels, height, width, samples, filters
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        self.init(
            step: try values.decode(Int.self, forKey: .step),
            classes: try values.decode([String].self, forKey: .classes),
            confusion: try values.decode([[Int]].self, forKey: .confusion),
            channels: try values.decode(Int.self, forKey: .channels),
            height: try values.decode(Int.self, forKey: .height), width: try values.decode(Int.self, forKey: .width),
            samples: try values.decode([Sample].self, forKey: .samples),
            filters: try values.decodeIfPresent(Filters.self, forKey: .filters))
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(step, forKey: .step)
        try values.encode(classes, forKey: .classes)
        try values.encode(confusion, forKey: .confusion)
        try values.encode(channels, forKey: .channels)
        try values.encode(height, forKey: .height)
        try values.encode(width, forKey: .width)
        try values.encode(samples, forKey: .samples)
        try values.encodeIfPresent(filters, forKey: .filters)
    }
}

extension EvaluationRecord.Sample: Codable {
    private enum Key: String, CodingKey { case index, label, answer, probability, pixels }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        self.init(
            index: try values.decode(Int.self, forKey: .index), label: try values.decode(Int.self, forKey: .label),
            answer: try values.decode(Int.self, forKey: .answer),
            probability: try values.decode(Double.self, forKey: .probability),
            pixels: Array(try values.decode(Data.self, forKey: .pixels)))
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(index, forKey: .index)
        try values.encode(label, forKey: .label)
        try values.encode(answer, forKey: .answer)
        try values.encode(probability, forKey: .probability)
        try values.encode(Data(pixels), forKey: .pixels)
    }
}

extension EvaluationRecord.Filters: Codable {
    private enum Key: String, CodingKey { case name, shape, values }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        let bytes = Array(try values.decode(Data.self, forKey: .values))
        let floats = stride(from: 0, to: bytes.count - bytes.count % 4, by: 4).map { place in
            Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) })
        }
        self.init(
            name: try values.decode(String.self, forKey: .name), shape: try values.decode([Int].self, forKey: .shape),
            values: floats)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        let bytes = values.flatMap { value in
            (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * $0)) }
        }
        try container.encode(name, forKey: .name)
        try container.encode(shape, forKey: .shape)
        try container.encode(Data(bytes), forKey: .values)
    }
}
