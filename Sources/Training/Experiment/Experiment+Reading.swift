import Datasets
import Files
import Glibc
import Network
import Runs
import Syntax

extension Experiment {
    static let keys = [
        "name", "data", "model", "optimizer", "schedule", "label_smoothing", "clip_grad_norm", "convolution",
        "batch_size", "epochs", "pace", "seed", "checkpoint",
    ]
    static let dataKeys = ["format", "path", "pad", "channels", "shuffle", "normalize", "crop", "flip"]
    static let syntheticKeys = ["classes", "train", "test", "size", "seed"]
    static let checkpointKeys = ["every_epochs", "keep"]
    private static let elsewhere =
        (dataKeys + syntheticKeys.dropLast()).map { "data.\($0)" } + checkpointKeys.map { "checkpoint.\($0)" }
        + ["data.normalize.mean", "data.normalize.std"]
    /// Arguments of the optimizer that people look for at the top, and where they are.
    private static let optimizerArguments = [
        "lr": "the learning rate stands in the optimizer, as in 'optimizer=SGD(lr=0.1)'",
        "learning_rate": "the learning rate stands in the optimizer, as in 'optimizer=SGD(lr=0.1)'",
        "momentum": "it stands in the optimizer, as in 'optimizer=SGD(lr=0.1, momentum=0.9)'",
        "weight_decay": "it stands in the optimizer, as in 'optimizer=SGD(lr=0.1, weight_decay=5e-4)'",
    ]
    private static let sizeLimit = 1 << 20

    /// Reads an experiment file.
    ///
    /// - Parameters:
    ///   - path: the file; errors call it so.
    ///   - overrides: what `--set` was given, in order, each `key=value` with a dotted key. A `data.path` among them is
    ///     relative to the current folder, where it was typed; one in the file is relative to the file.
    package static func load(_ path: String, overrides: [String] = []) throws -> Experiment {
        guard let bytes = try WholeFile.read(path, limit: sizeLimit) else {
            throw FileError.unreadable(path: path, reason: systemReason(ENOENT))
        }
        return try Experiment(
            yaml: String(decoding: bytes, as: UTF8.self), file: path, folder: FilePath.absolute(FilePath.parent(path)),
            overrides: overrides)
    }

    /// - Parameters:
    ///   - file: what errors call the text.
    ///   - folder: what a relative `data.path` is relative to.
    package init(yaml: String, file: String, folder: String, overrides: [String] = []) throws(SettingsError) {
        var root = try SettingsNode(yaml: yaml, file: file)
        for override in overrides {
            try root.override(override)
        }
        let top = try SettingsSection(
            root, name: "", title: "the experiment", keys: Self.keys, elsewhere: Self.elsewhere,
            advice: Self.optimizerArguments)
        name = try Self.name(top, file: file)
        data = try DatasetDescription(top, file: file, folder: folder)
        guard let modelNode = top.node("model") else {
            throw .missingKey(file: file, key: "model", example: "model: [Flatten(), 'Linear(784, 10)']")
        }
        model = try ModelEntry.entries(of: modelNode)
        guard let optimizer = try top.text("optimizer") else {
            throw .missingKey(file: file, key: "optimizer", example: "optimizer: SGD(lr=0.05, momentum=0.9)")
        }
        self.optimizer = optimizer
        schedule = try top.text("schedule").flatMap { $0.text.lowercased() == "constant" ? nil : $0 }
        labelSmoothing = try top.number("label_smoothing", "a number from 0 to 1") { (0...1).contains($0) } ?? 0
        clipGradNorm = try top.number("clip_grad_norm", "a number over 0, or none") { $0 > 0 }
        convolution = try Self.convolution(top)
        batchSize = try top.integer("batch_size", in: 1...65_536, or: 64)
        epochs = try top.integer("epochs", in: 1...1_000_000, or: 10)
        pace = try Self.pace(top)
        seed = UInt64(try top.integer("seed", in: 0...Int.max, or: 1))
        checkpoint = try CheckpointPlan(top)
    }

    private static func name(_ top: SettingsSection, file: String) throws(SettingsError) -> String {
        guard let text = try top.text("name") else {
            let stem = FilePath.stem(file)
            return RunName.problem(with: stem) == nil ? stem : "run"
        }
        if let problem = RunName.problem(with: text.text) {
            throw .badValue(
                place: text.place, key: "name", found: "'\(text.text)'", expected: "a folder's name: \(problem)")
        }
        return text.text
    }

    private static func convolution(_ top: SettingsSection) throws(SettingsError) -> ConvolutionMethod {
        guard let text = try top.text("convolution") else { return .fast }
        guard let method = ConvolutionMethod(rawValue: text.text) else {
            throw .badValue(
                place: text.place, key: "convolution", found: "'\(text.text)'",
                expected: ConvolutionMethod.allCases.map(\.rawValue).joined(separator: " or "))
        }
        return method
    }

    private static func pace(_ top: SettingsSection) throws(SettingsError) -> Pace {
        guard let node = top.node("pace") else { return .full }
        guard case .scalar(let text) = node.content, let pace = Pace(parsing: text) else {
            throw top.bad("pace", node, "steps a second (a number over 0) or full")
        }
        return pace
    }
}

extension Experiment.CheckpointPlan {
    fileprivate init(_ top: SettingsSection) throws(SettingsError) {
        self.init(everyEpochs: 1, keep: 5)
        guard let node = top.node("checkpoint") else { return }
        let section = try SettingsSection(node, name: "checkpoint", keys: Experiment.checkpointKeys)
        everyEpochs = try section.integer("every_epochs", in: 0...Int.max, or: everyEpochs)
        guard let keep = section.node("keep") else { return }
        if case .scalar("all") = keep.content {
            self.keep = nil
        } else if case .scalar(let text) = keep.content, let count = Int(text), count >= 1 {
            self.keep = count
        } else {
            throw section.bad("keep", keep, "a whole number of 1 or more, or all")
        }
    }
}
