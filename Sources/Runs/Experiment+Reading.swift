import Glibc

extension Experiment {
    static let keys = [
        "name", "data", "model", "optimizer", "schedule", "batch_size", "epochs", "pace", "seed", "checkpoint",
    ]
    static let dataKeys = ["format", "path", "pad", "channels", "shuffle", "normalize"]
    static let checkpointKeys = ["every_epochs", "keep"]
    private static let elsewhere =
        dataKeys.map { "data.\($0)" } + checkpointKeys.map { "checkpoint.\($0)" }
        + ["data.normalize.mean", "data.normalize.std"]
    private static let sizeLimit = 1 << 20

    /// Reads an experiment file.
    ///
    /// - Parameters:
    ///   - path: the file; errors call it so.
    ///   - overrides: what `--set` was given, in order, each `key=value` with a dotted key. A `data.path` among them is relative
    ///     to the current folder, where it was typed; one in the file is relative to the file.
    package static func load(_ path: String, overrides: [String] = []) throws(RunsError) -> Experiment {
        guard let bytes = try SmallFile.read(path, limit: sizeLimit) else {
            throw .unreadable(path: path, reason: SmallFile.systemError(ENOENT))
        }
        return try Experiment(
            yaml: String(decoding: bytes, as: UTF8.self), file: path, folder: FilePath.absolute(FilePath.parent(path)),
            overrides: overrides)
    }

    /// - Parameters:
    ///   - file: what errors call the text.
    ///   - folder: what a relative `data.path` is relative to.
    package init(yaml: String, file: String, folder: String, overrides: [String] = []) throws(RunsError) {
        var root = try SettingsNode(yaml: yaml, file: file)
        for override in overrides {
            try root.override(override)
        }
        let top = try SettingsSection(root, name: "", keys: Self.keys, elsewhere: Self.elsewhere)
        name = try Self.name(top, file: file)
        data = try Source(top, file: file, folder: folder)
        guard let modelNode = top.node("model") else {
            throw .missingKey(file: file, key: "model", example: "model: [Flatten(), 'Linear(784, 10)']")
        }
        model = try ModelEntry.entries(of: modelNode)
        guard let optimizer = try top.text("optimizer") else {
            throw .missingKey(file: file, key: "optimizer", example: "optimizer: SGD(lr=0.05, momentum=0.9)")
        }
        self.optimizer = optimizer
        schedule = try top.text("schedule").flatMap { $0.text.lowercased() == "constant" ? nil : $0 }
        batchSize = try top.integer("batch_size", in: 1...65_536, or: 64)
        epochs = try top.integer("epochs", in: 1...1_000_000, or: 10)
        pace = try Self.pace(top)
        seed = UInt64(try top.integer("seed", in: 0...Int.max, or: 1))
        checkpoint = try CheckpointPlan(top)
    }

    private static func name(_ top: SettingsSection, file: String) throws(RunsError) -> String {
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

    private static func pace(_ top: SettingsSection) throws(RunsError) -> Pace {
        guard let node = top.node("pace") else { return .full }
        guard case .scalar(let text) = node.content, let pace = Pace(parsing: text) else {
            throw top.bad("pace", node, "steps a second (a number over 0) or full")
        }
        return pace
    }
}

extension Experiment.CheckpointPlan {
    fileprivate init(_ top: SettingsSection) throws(RunsError) {
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

extension Experiment.Source {
    static let formats = ["idx"]

    fileprivate init(_ top: SettingsSection, file: String, folder: String) throws(RunsError) {
        guard let node = top.node("data") else {
            throw .missingKey(file: file, key: "data", example: "data: {format: idx, path: ../fashion-mnist}")
        }
        let section = try SettingsSection(node, name: "data", keys: Experiment.dataKeys)
        place = node.place
        format = try Self.format(section)
        guard let path = try section.text("path") else {
            throw .missingKey(file: file, key: "data.path", example: "data: {format: idx, path: ../fashion-mnist}")
        }
        switch path.place {
        case .line: self.path = FilePath.absolute(path.text, in: folder)
        case .option: self.path = FilePath.absolute(path.text)
        }
        pad = try section.integer("pad", in: 0...2048, or: 0)
        channels = try section.integer("channels", in: 1...64, or: 1)
        shuffle = try section.flag("shuffle", or: true)
        (mean, std) = ([], [])
        if let node = section.node("normalize") {
            let normalize = try SettingsSection(node, name: "data.normalize", keys: ["mean", "std"])
            (mean, std) = (try normalize.numbers("mean"), try normalize.numbers("std"))
            try check(normalize)
        }
    }

    private static func format(_ section: SettingsSection) throws(RunsError) -> String {
        guard let text = try section.text("format") else { return "idx" }
        guard formats.contains(text.text) else {
            throw .badValue(
                place: text.place, key: "data.format", found: "'\(text.text)'",
                expected: formats.joined(separator: ", "))
        }
        return text.text
    }

    private func check(_ normalize: SettingsSection) throws(RunsError) {
        for (key, values) in [("mean", mean), ("std", std)] {
            guard let node = normalize.node(key) else { continue }
            guard [1, channels].contains(values.count) else {
                throw normalize.bad(key, node, "one number, or one for each of the \(channels) channels")
            }
            guard key == "mean" || values.allSatisfy({ $0 > 0 }) else {
                throw normalize.bad(key, node, "numbers over 0")
            }
        }
    }
}
