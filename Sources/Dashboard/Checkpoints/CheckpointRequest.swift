import Charts
import Checkpoints

/// What the Checkpoints view wants done with files. Reading is done beside the screen, one thing after another, and the
/// newest thing to look at replaces an older one that is still being read.
package enum CheckpointRequest: Equatable, Sendable {
    /// Look for checkpoints in a folder and below.
    case list(folder: String)
    /// Read the table of a file.
    case open(path: String)
    /// Go through some tensors: their statistics, and histograms if they are wanted; and the channels of a layer.
    case examine(path: String, tensors: [String], histogram: Bool, layer: String?)
    case compare(first: String, second: String)
    /// Stop reading whatever is being read.
    case stopReading
    /// Loss and accuracy on the validation images of the run.
    case evaluate(path: String)
    /// - Parameter asModule: as a whole object that needs no class, instead of a state dictionary.
    case convert(path: String, to: String, asModule: Bool)
    case delete(path: String)
    /// Start an engine that goes on from here.
    case resume(path: String, run: String)

    /// Whether what `other` would read is read by this one too, so that it need not be asked for again.
    func covers(_ other: CheckpointRequest) -> Bool {
        guard case .examine(let path, let tensors, let histogram, let layer) = self,
            case .examine(let otherPath, let wanted, let wantsHistogram, let otherLayer) = other
        else { return self == other }
        return path == otherPath && (otherLayer == nil || layer == otherLayer) && (histogram || !wantsHistogram)
            && Set(wanted).isSubset(of: tensors)
    }
}

/// What came of a request.
package enum CheckpointResponse: Sendable {
    case listed(folder: String, [CheckpointEntry])
    case opened(CheckpointTable)
    case examined(path: String, TensorPicture)
    case channels(path: String, LayerChannels)
    case compared(first: String, second: String, CheckpointComparison)
    case evaluated(path: String, EvaluationFigures)
    /// How far a piece of work is, in words; nil when it is over.
    case working(String?)
    /// A file could not be read.
    case failed(path: String, String)
    /// A file that was opened is no longer there.
    case vanished(path: String)
    case done(String)
    case refused(String)
}

/// One line of the list of checkpoints.
package struct CheckpointEntry: Equatable, Sendable {
    package let path: String
    /// What it is called in the list: a path below the folder that is looked at.
    package let name: String
    package let step: Int?
    package let bytes: Int
    /// Seconds since 1970.
    package let modified: Double
    /// What the run's log says of the validation at this step.
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

/// Loss and accuracy in both of a normalization layer's modes.
package struct EvaluationFigures: Equatable, Sendable {
    package let running: (loss: Double, accuracy: Double)
    package let batch: (loss: Double, accuracy: Double)

    package init(running: (loss: Double, accuracy: Double), batch: (loss: Double, accuracy: Double)) {
        self.running = running
        self.batch = batch
    }

    /// In one line: both modes.
    package var words: String {
        let percent = [running, batch].map { NumberFormat.fixed($0.accuracy * 100, decimals: 2) + "%" }
        return "\(percent[0]) in evaluation mode, \(percent[1]) with batch statistics"
    }

    package static func == (one: EvaluationFigures, other: EvaluationFigures) -> Bool {
        one.running == other.running && one.batch == other.batch
    }
}

/// A tensor that was gone through.
package struct TensorPicture: Equatable, Sendable {
    package let name: String
    package let statistics: TensorStatistics
    /// Values in equal parts of the range from the smallest to the largest; empty where nobody asked, or all are equal.
    package let counts: [Int]

    package static let mostBins = 60

    package init(name: String, statistics: TensorStatistics, counts: [Int]) {
        self.name = name
        self.statistics = statistics
        self.counts = counts
    }
}

/// One value a channel of each of a normalization layer's tensors; empty for one that it lacks.
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

/// What a file holds, as its table tells: nothing of a tensor's values.
package struct CheckpointTable: Sendable {
    package let path: String
    /// Kind, format and size: `module, torch zip, 663 kB`.
    package let summary: String
    let rows: [TensorEntry]
    /// The tensor that another one shares its bytes with, by the name of the other.
    let ties: [String: String]
    /// The names of the normalization layers.
    package let layers: [String]
    /// Classes of modules by path, where the file tells.
    package let classes: [String: String]
    /// Names in the file that are known from attacks.
    package let weapons: [String]
    /// Tensors that are there and can't be shown, with what they are.
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
