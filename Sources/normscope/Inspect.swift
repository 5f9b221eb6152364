import ArgumentParser
import Canvas
import Charts
import Checkpoints
import Datasets
import Network
import Runs
import Training

/// `normscope inspect FILE`
struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what a checkpoint holds, or what network an experiment describes.",
        discussion: """
            Checkpoints are PyTorch's (.pth, .pt, .ckpt, .bin; a state_dict or a whole module, of any class) and \
            safetensors. Nothing in them is run.
            """)

    @Argument(help: "A checkpoint, or an experiment (.yaml).", completion: .file())
    var file: String

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        if file.hasSuffix(".yaml") || file.hasSuffix(".yml") {
            try ExperimentReport(path: file).show()
        } else {
            let report = try CheckpointReport(path: file)
            if json { try printJSON(report.document) } else { try report.show() }
        }
    }
}

/// What is printed of a checkpoint.
struct CheckpointReport {
    /// The JSON document: dtypes in PyTorch's words.
    struct Document: Encodable {
        struct Tensor: Encodable {
            let name: String
            let dtype: String
            let shape: [Int]
            let bytes: Int
            let min: Double?
            let max: Double?
            let mean: Double?
            let std: Double?
            let nonfinite: Int
        }

        let format: String
        let kind: String
        let globals: [String]
        let tensors: [Tensor]
    }

    private let file: CheckpointFile
    let document: Document

    init(path: String) throws {
        let file = try CheckpointFile(readingFrom: path)
        let tensors = try file.tensors.map { entry in
            let statistics = try file.statistics(entry)
            return Document.Tensor(
                name: entry.name, dtype: entry.type.rawValue, shape: entry.shape, bytes: entry.byteCount,
                min: statistics.minimum, max: statistics.maximum, mean: statistics.mean,
                std: statistics.standardDeviation, nonfinite: statistics.nonFinite)
        }
        self.file = file
        document = Document(
            format: file.format.rawValue, kind: file.kind.word, globals: file.globals.map { "\($0.global)" },
            tensors: tensors)
    }

    func show() throws {
        print("\(file.path.printable): \(document.kind), \(document.format), \(file.byteCount) bytes")
        if let structure = try file.structure() { print("\n" + structure.printed.printable) }
        print("")
        TextTable.print(
            ["tensor", "dtype", "shape", "bytes", "min", "max", "mean", "std", "non-finite"], document.tensors.map(row))
        for unshown in file.unshown { print("\(unshown.name.printable): \(unshown.kind), not shown") }
        showGlobals()
    }

    private func row(_ tensor: Document.Tensor) -> [String] {
        let numbers = [tensor.min, tensor.max, tensor.mean, tensor.std].map { $0.map(NumberFormat.compact) ?? "" }
        let shape = "(" + tensor.shape.map(String.init).joined(separator: ", ") + ")"
        return [tensor.name.printable, tensor.dtype, shape, "\(tensor.bytes)"] + numbers + ["\(tensor.nonfinite)"]
    }

    /// The names a pickle mentions that `torch.load(weights_only=True)` would not accept.
    private func showGlobals() {
        for mention in file.globals {
            switch mention.verdict {
            case .allowed: break
            case .refused: print("mentions \("\(mention.global)".printable): refused by torch.load(weights_only=True)")
            case .dangerous(let what): print("mentions \("\(mention.global)".printable): DANGEROUS, \(what)")
            }
        }
    }
}

/// What is printed of an experiment: the network as PyTorch's print(net) shows it, then a line a layer.
struct ExperimentReport {
    private let plan: TrainingPlan
    private let input: ImageShape

    init(path: String) throws {
        plan = try TrainingPlan(Experiment.load(path))
        input = try plan.inputShape()
    }

    func show() throws {
        print(plan.architecture.printed() + "\n")
        let layers = try plan.architecture.summary(input: input)
        let rows = layers.map { layer in
            [
                layer.name, "\(layer.layer)", "\(layer.output)", "\(layer.parameters)",
                NumberFormat.count(layer.multiplyAdds), "\(layer.bytes)",
            ]
        }
        TextTable.print(["name", "layer", "output of one image", "parameters", "multiply-adds", "bytes"], rows)
        print("\(layers.reduce(0) { $0 + $1.parameters }) parameters")
    }
}

/// A table for people: columns as wide as their widest field, nothing at the ends of lines.
enum TextTable {
    static func print(_ head: [String], _ rows: [[String]]) {
        let all = [head] + rows
        let widths = head.indices.map { column in all.map { $0[column].columns }.max() ?? 0 }
        for row in all {
            let line = zip(row, widths).map { $0.padded(to: $1) }.joined(separator: "  ")
            Swift.print(line.trimmingSuffix { $0 == " " })
        }
    }
}

extension String {
    /// The text with everything that could steer a terminal replaced; line breaks stay.
    var printable: String { String(map { $0.isPrintable || $0 == "\n" ? $0 : "\u{FFFD}" }) }

    func trimmingSuffix(while predicate: (Character) -> Bool) -> Substring {
        var text = self[...]
        while let last = text.last, predicate(last) { text.removeLast() }
        return text
    }
}
