import Canvas
import Charts
import Checkpoints

/// What is printed of a checkpoint.
struct CheckpointReport {
    /// The JSON document: dtypes in PyTorch's words, null for a number that there isn't.
    struct Document: Encodable {
        let format: String
        let kind: String
        let globals: [String]
        let tensors: [TensorFacts]
    }

    private let file: CheckpointFile
    let document: Document

    /// Reads every tensor once.
    init(_ file: CheckpointFile) throws {
        let progress = WorkProgress("reading \(file.path)", total: file.tensors.reduce(0) { $0 &+ $1.byteCount })
        defer { progress.end() }
        let statistics = try file.statistics(file.tensors, finished: { progress.add($0.byteCount) })
        self.file = file
        document = Document(
            format: file.format.rawValue, kind: file.kind.word, globals: file.globals.map { "\($0.global)" },
            tensors: zip(file.tensors, statistics).map(TensorFacts.init))
    }

    func show() throws {
        print("\(file.path.onOneLine): \(document.kind), \(document.format), \(file.byteCount) bytes")
        for (key, value) in file.metadata { print("\(key): \(value)".onOneLine) }
        if let structure = try file.structure() { print("\n" + structure.printed.printable) }
        showTensors()
        showNormalization()
        showGlobals()
    }

    private func showTensors() {
        let tied = file.tied
        let rows = document.tensors.map { tensor in
            tensor.row + [tied[tensor.name].map { "tied to " + $0 } ?? ""]
        }
        print("")
        TextTable.print(TensorFacts.head + [""], rows)
        for unshown in file.unshown { print("\(unshown.name): \(unshown.kind), not shown".onOneLine) }
    }

    /// A section of its own for the normalization layers: the range of each of their tensors over the channels.
    private func showNormalization() {
        let layers = NormalizationTensors.layers(in: file.tensors)
        guard !layers.isEmpty else { return }
        let facts = Dictionary(document.tensors.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        func range(_ entry: TensorEntry?) -> String { entry.flatMap { facts[$0.name]?.range } ?? "none" }
        let rows = layers.map { layer in
            [
                layer.layer, (layer.runningMean ?? layer.runningVariance).map { "\($0.count)" } ?? "",
                range(layer.weight), range(layer.bias), range(layer.runningMean), range(layer.runningVariance),
                layer.batchesTracked.flatMap { facts[$0.name]?.mean }.map { NumberFormat.fixed($0, decimals: 0) }
                    ?? "none",
            ]
        }
        print("")
        TextTable.print(
            ["normalization", "channels", "γ", "β", "running mean", "running variance", "batches tracked"], rows)
    }

    /// The names that a pickle mentions, and what PyTorch would make of them.
    private func showGlobals() {
        let mentions = file.globals
        guard !mentions.isEmpty else { return }
        print("")
        TextTable.print(
            ["mentions", "torch.load(weights_only=True)"],
            mentions.map { ["\($0.global)", $0.verdict.words] })
    }
}

extension GlobalMention.Verdict {
    fileprivate var words: String {
        switch self {
        case .allowed: "accepts it"
        case .refused: "refuses the file"
        case .dangerous(let what): "refuses the file: DANGEROUS, \(what)"
        }
    }
}

/// A tensor's row in the table and in the JSON document.
struct TensorFacts: Encodable {
    let name: String
    let dtype: String
    let shape: [Int]
    let bytes: Int
    let min: Double?
    let max: Double?
    let mean: Double?
    let std: Double?
    let nonfinite: Int

    private enum CodingKeys: CodingKey { case name, dtype, shape, bytes, min, max, mean, std, nonfinite }

    init(_ entry: TensorEntry, _ statistics: TensorStatistics) {
        name = entry.name
        dtype = entry.type.rawValue
        shape = entry.shape
        bytes = entry.byteCount
        min = statistics.minimum
        max = statistics.maximum
        mean = statistics.mean
        std = statistics.standardDeviation
        nonfinite = statistics.nonFinite
    }

    /// Every key is always there.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(dtype, forKey: .dtype)
        try container.encode(shape, forKey: .shape)
        try container.encode(bytes, forKey: .bytes)
        try container.encode(min, forKey: .min)
        try container.encode(max, forKey: .max)
        try container.encode(mean, forKey: .mean)
        try container.encode(std, forKey: .std)
        try container.encode(nonfinite, forKey: .nonfinite)
    }

    static let head = ["tensor", "dtype", "shape", "bytes", "min", "max", "mean", "std", "non-finite"]

    var row: [String] {
        let numbers = [min, max, mean, std].map { $0.map(NumberFormat.compact) ?? "" }
        return [name, dtype, shape.asTuple, "\(bytes)"] + numbers + ["\(nonfinite)"]
    }

    /// From the smallest to the largest value: `0.91…1.07`.
    var range: String? {
        guard let min, let max else { return nil }
        let text = NumberFormat.compact(min) + "…" + NumberFormat.compact(max)
        return nonfinite > 0 ? text + " (\(nonfinite) non-finite)" : text
    }
}

extension [Int] {
    /// A shape as Python writes it: `(16, 3, 3, 3)`, `(16,)`, `()`.
    var asTuple: String { "(" + map(String.init).joined(separator: ", ") + (count == 1 ? ",)" : ")") }
}
