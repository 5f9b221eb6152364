import Canvas
import Charts
import Checkpoints

/// The report of a checkpoint.
struct CheckpointReport {
    /// The JSON document: dtypes with PyTorch's names, null for a missing number.
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
            tensors: zip(file.tensors, statistics).map { TensorFacts(entry: $0, statistics: $1) })
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
        for unsupported in file.unsupported { print("\(unsupported.name): \(unsupported.kind), not shown".onOneLine) }
    }

    /// Prints a section for the normalization layers: the range of each of their tensors over the channels.
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

    /// Prints the names that a pickle mentions, and what PyTorch would make of them.
    private func showGlobals() {
        let mentions = file.globals
        guard !mentions.isEmpty else { return }
        print("")
        TextTable.print(
            ["mentions", "torch.load(weights_only=True)"],
            mentions.map { ["\($0.global)", $0.verdict.words] })
    }
}

extension GlobalReference.Verdict {
    fileprivate var words: String {
        switch self {
        case .allowed: "accepts it"
        case .refused: "refuses the file"
        case .dangerous(let what): "refuses the file: DANGEROUS, \(what)"
        }
    }
}
