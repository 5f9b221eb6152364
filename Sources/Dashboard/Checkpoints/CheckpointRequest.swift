import Charts
import Checkpoints

/// A request of the Checkpoints view. Files are read in the background, one request after another; a newer request for
/// what is shown replaces an older one that is still being read.
package enum CheckpointRequest: Equatable, Sendable {
    /// Look for checkpoints in a folder and below.
    case list(folder: String)
    /// Read the list of a file's tensors.
    case open(path: String)
    /// Compute the statistics of some tensors, and histograms if they are wanted; and read the channels of a layer.
    case examine(path: String, tensors: [String], histogram: Bool, layer: String?)
    case compare(first: String, second: String)
    /// Stop reading whatever is being read.
    case stopReading
    /// Compute loss and accuracy on the validation images of the run.
    case evaluate(path: String)
    /// - Parameter asModule: as a whole object that needs no class, instead of a state dictionary.
    case convert(path: String, to: String, asModule: Bool)
    case delete(path: String)
    /// Start an engine that continues the run from this checkpoint.
    case resume(path: String, run: String)

    /// Whether this request reads everything that `other` would read.
    func covers(_ other: CheckpointRequest) -> Bool {
        guard case .examine(let path, let tensors, let histogram, let layer) = self,
            case .examine(let otherPath, let wanted, let wantsHistogram, let otherLayer) = other
        else { return self == other }
        return path == otherPath && (otherLayer == nil || layer == otherLayer) && (histogram || !wantsHistogram)
            && Set(wanted).isSubset(of: tensors)
    }
}

/// The answer to a request.
package enum CheckpointResponse: Sendable {
    case listed(folder: String, [CheckpointEntry])
    case opened(CheckpointTable)
    case examined(path: String, TensorPicture)
    case channels(path: String, LayerChannels)
    case compared(first: String, second: String, CheckpointComparison)
    case evaluated(path: String, EvaluationFigures)
    /// The progress of a piece of work, in words; nil when it is over.
    case working(String?)
    /// A file could not be read.
    case failed(path: String, String)
    /// A file that was opened is no longer there.
    case vanished(path: String)
    case done(String)
    case refused(String)
}

/// A checkpoint in the list.
package struct CheckpointEntry: Equatable, Sendable {
    package let path: String
    /// The name in the list: a path relative to the browsed folder.
    package let name: String
    package let step: Int?
    package let bytes: Int
    /// Seconds since 1970.
    package let modified: Double
    /// The validation loss that the run's log has for this step.
    package let loss: Double?
    package let accuracy: Double?

    package init(
        path: String, name: String, step: Int? = nil, bytes: Int, modified: Double, loss: Double? = nil,
        accuracy: Double? = nil
    ) {
        self.path = path
        self.name = name
        self.step = step
        self.bytes = bytes
        self.modified = modified
        self.loss = loss
        self.accuracy = accuracy
    }
}

/// Results of an evaluation: loss and accuracy in evaluation mode and with batch statistics.
package struct EvaluationFigures: Equatable, Sendable {
    package let running: (loss: Double, accuracy: Double)
    package let batch: (loss: Double, accuracy: Double)

    package init(running: (loss: Double, accuracy: Double), batch: (loss: Double, accuracy: Double)) {
        self.running = running
        self.batch = batch
    }

    /// Both accuracies in one line.
    package var words: String {
        let percent = [running, batch].map { NumberFormat.fixed($0.accuracy * 100, decimals: 2) + "%" }
        return "\(percent[0]) in evaluation mode, \(percent[1]) with batch statistics"
    }

    package static func == (one: EvaluationFigures, other: EvaluationFigures) -> Bool {
        one.running == other.running && one.batch == other.batch
    }
}

/// The statistics and the histogram of a tensor.
package struct TensorPicture: Equatable, Sendable {
    package let name: String
    package let statistics: TensorStatistics
    /// Counts of the values in bins of equal width between the smallest and the largest; empty where no histogram was
    /// wanted or all values are equal.
    package let counts: [Int]

    package static let mostBins = 60

    package init(name: String, statistics: TensorStatistics, counts: [Int]) {
        self.name = name
        self.statistics = statistics
        self.counts = counts
    }
}

/// The values of a normalization layer's tensors, channel by channel; empty for a tensor that it lacks.
package struct LayerChannels: Equatable, Sendable {
    package let layer: String
    package let mean: [Double]
    package let variance: [Double]
    package let weight: [Double]
    package let bias: [Double]
    package let batchesTracked: Int?

    package init(_ layer: NormalizationTensors, in file: CheckpointFile) throws(CheckpointError) {
        func values(_ entry: TensorEntry?) throws(CheckpointError) -> [Double] {
            guard let entry, entry.shape.count == 1 else { return [] }
            return try file.doubles(entry)
        }
        self.layer = layer.layer
        mean = try values(layer.runningMean)
        variance = try values(layer.runningVariance)
        weight = try values(layer.weight)
        bias = try values(layer.bias)
        batchesTracked = try layer.batchesTracked.flatMap { entry throws(CheckpointError) in
            entry.count == 1 ? try file.doubles(entry).first.flatMap { Int(exactly: $0) } : nil
        }
    }
}

/// The table of contents of a checkpoint file, without the values of tensors.
package struct CheckpointTable: Sendable {
    package let path: String
    /// Kind, format and size: `module, torch zip, 663 kB`.
    package let summary: String
    let rows: [TensorEntry]
    /// By tensor: the tensor that it shares its bytes with.
    let ties: [String: String]
    /// The names of the normalization layers.
    package let layers: [String]
    /// Classes of modules by path, where the file tells.
    package let classes: [String: String]
    /// Names in the file that are known from attacks on unpickling.
    package let weapons: [String]
    /// Tensors that can't be shown, with their kinds.
    package let unshown: [String]

    package init(_ file: CheckpointFile) throws(CheckpointError) {
        path = file.path
        summary = "\(file.kind.word), \(file.format.rawValue), \(file.byteCount.asBytes)"
        rows = file.tensors
        ties = file.tied
        layers = NormalizationTensors.layers(in: file.tensors).map(\.layer)
        classes = try file.structure().map { Self.classes(of: $0, at: "") } ?? [:]
        weapons = file.globals.compactMap { mention in
            if case .dangerous(let what) = mention.verdict { "\(mention.global) \(what)" } else { nil }
        }
        unshown = file.unshown.map { "\($0.name): \($0.kind)" }
    }

    private static func classes(of module: ModuleStructure, at path: String) -> [String: String] {
        var classes = [path: module.className]
        for child in module.children {
            guard let inner = child.module else { continue }
            classes.merge(Self.classes(of: inner, at: path.isEmpty ? child.name : path + "." + child.name)) { $1 }
        }
        return classes
    }
}
