import Charts
import Checkpoints

/// The facts about a tensor: its row in the table and in the JSON document.
struct TensorFacts: Encodable {
    let entry: TensorEntry
    let statistics: TensorStatistics

    var name: String { entry.name }
    var mean: Double? { statistics.mean }

    private enum CodingKeys: CodingKey { case name, dtype, shape, bytes, min, max, mean, std, nonfinite }

    /// Encodes every key, with null for missing values.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(entry.name, forKey: .name)
        try container.encode(entry.type.rawValue, forKey: .dtype)
        try container.encode(entry.shape, forKey: .shape)
        try container.encode(entry.byteCount, forKey: .bytes)
        try container.encode(statistics.minimum, forKey: .min)
        try container.encode(statistics.maximum, forKey: .max)
        try container.encode(statistics.mean, forKey: .mean)
        try container.encode(statistics.standardDeviation, forKey: .std)
        try container.encode(statistics.nonFinite, forKey: .nonfinite)
    }

    static let head = ["tensor", "dtype", "shape", "bytes", "min", "max", "mean", "std", "non-finite"]

    var row: [String] {
        let numbers = [statistics.minimum, statistics.maximum, statistics.mean, statistics.standardDeviation]
        return [entry.name, entry.type.rawValue, entry.shape.asTuple, "\(entry.byteCount)"]
            + numbers.map { $0.map(NumberFormat.compact) ?? "" } + ["\(statistics.nonFinite)"]
    }

    /// The range of the values: `0.91…1.07`.
    var range: String? {
        guard let low = statistics.minimum, let high = statistics.maximum else { return nil }
        let text = NumberFormat.compact(low) + "…" + NumberFormat.compact(high)
        return statistics.nonFinite > 0 ? text + " (\(statistics.nonFinite) non-finite)" : text
    }
}

extension [Int] {
    /// A shape as Python writes it: `(16, 3, 3, 3)`, `(16,)`, `()`.
    var asTuple: String { "(" + map(String.init).joined(separator: ", ") + (count == 1 ? ",)" : ")") }
}
