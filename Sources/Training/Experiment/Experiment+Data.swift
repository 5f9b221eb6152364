import Datasets
import Files
import Syntax

/// Reading the `data` part.
extension DatasetDescription {
    private static let example = "data: {format: idx, path: ../fashion-mnist}"

    /// - Parameter folder: what a relative path in the file is relative to; one on the command line is relative to the
    ///   current folder, where it was typed.
    init(_ top: SettingsSection, file: String, folder: String) throws(SettingsError) {
        guard let node = top.node("data") else { throw .missingKey(file: file, key: "data", example: Self.example) }
        let section = try SettingsSection(node, name: "data", keys: Experiment.dataKeys + Experiment.syntheticKeys)
        let format = try Self.format(section)
        self.init(format: format, path: try Self.path(section, format: format, file: file, folder: folder))
        pad = try section.integer("pad", in: 0...2048, or: 0)
        let channels = try section.integer("channels", in: 1...64, or: format == .idx ? 1 : 3)
        self.channels = channels
        shuffle = try section.flag("shuffle", or: true)
        crop = try section.integer("crop", in: 0...2048, or: 0)
        flip = try section.flag("flip", or: false)
        synthetic = try SyntheticImages(section, isWanted: format == .synthetic)
        if let node = section.node("normalize") {
            let normalize = try SettingsSection(node, name: "data.normalize", keys: ["mean", "std"])
            (mean, std) = (try normalize.numbers("mean"), try normalize.numbers("std"))
            try check(normalize, channels: channels)
        }
    }

    private static func format(_ section: SettingsSection) throws(SettingsError) -> Format {
        guard let text = try section.text("format") else { return .idx }
        guard let format = Format(rawValue: text.text) else {
            throw .badValue(
                place: text.place, key: "data.format", found: "'\(text.text)'",
                expected: "one of " + Format.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return format
    }

    /// Made-up images need none; one that is there is ignored, so that `--set data.format=synthetic` works on any
    /// experiment.
    private static func path(
        _ section: SettingsSection, format: Format, file: String, folder: String
    ) throws(SettingsError) -> String {
        if format == .synthetic { return "" }
        guard let path = try section.text("path") else {
            throw .missingKey(file: file, key: "data.path", example: example)
        }
        switch path.place {
        case .line: return FilePath.absolute(path.text, in: folder)
        case .option: return FilePath.absolute(path.text)
        }
    }

    private func check(_ normalize: SettingsSection, channels: Int) throws(SettingsError) {
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

extension SyntheticImages {
    fileprivate init(_ section: SettingsSection, isWanted: Bool) throws(SettingsError) {
        guard isWanted else {
            for key in Experiment.syntheticKeys {
                guard let node = section.node(key) else { continue }
                throw .invalid(
                    place: node.place, problem: "data.\(key) is for made-up images: set format: synthetic, or remove it"
                )
            }
            self.init()
            return
        }
        self.init()
        classes = try section.integer("classes", in: 2...256, or: classes)
        train = try section.integer("train", in: 1...10_000_000, or: train)
        test = try section.integer("test", in: 1...10_000_000, or: test)
        size = try section.integer("size", in: 4...1024, or: size)
        seed = UInt64(try section.integer("seed", in: 0...Int.max, or: Int(seed)))
    }
}
