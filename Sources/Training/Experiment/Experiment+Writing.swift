import Runs

extension Experiment {
    /// The experiment as YAML, complete: defaults written out, `data.path` absolute if it was made so, a comment at
    /// each key. Reading it gives the same experiment.
    package func yaml() -> String {
        var lines = [
            "# What this run was asked to do, defaults included. 'normscope train' on this file starts another like it."
        ]
        lines.append("name: \(Self.quoted(name))")
        lines += dataLines
        lines.append(
            "model:                        # names become keys of the state dictionary; a list is a Sequential")
        lines += Self.modelLines(model, indent: "  ")
        lines.append("optimizer: \(Self.quoted(optimizer.text))")
        lines.append("schedule: \(schedule.map { Self.quoted($0.text) } ?? "constant")")
        lines.append(Self.line("label_smoothing: \(plainNumber(labelSmoothing))", "as in PyTorch's CrossEntropyLoss"))
        lines.append(
            Self.line(
                "clip_grad_norm: \(clipGradNorm.map(plainNumber) ?? "none")",
                "longest gradient, all parameters together"))
        lines.append(Self.line("convolution: \(convolution.rawValue)", "fast (Winograd) or direct, for 3×3 kernels"))
        lines.append(Self.line("batch_size: \(batchSize)", "images a step"))
        lines.append(Self.line("epochs: \(epochs)", "times through the training images"))
        lines.append(Self.line("pace: \(pace)", "steps a second at most, or full; --headless runs at full speed"))
        lines.append(Self.line("seed: \(seed)", "of the initial weights and of each epoch's order"))
        lines.append("checkpoint:")
        lines.append(Self.line("  every_epochs: \(checkpoint.everyEpochs)", "0: only when asked, and at the end"))
        lines.append(
            Self.line(
                "  keep: \(checkpoint.keep.map(String.init) ?? "all")", "newest periodic ones; those asked for stay"))
        return lines.joined(separator: "\n") + "\n"
    }

    private var dataLines: [String] {
        var lines = ["data:", "  format: \(data.format.rawValue)"]
        if data.format == .synthetic {
            let made = data.synthetic
            lines.append(Self.line("  classes: \(made.classes)", "images are made up, so many of each half:"))
            lines += ["  train: \(made.train)", "  test: \(made.test)"]
            lines.append(Self.line("  size: \(made.size)", "pixels a side"))
            lines.append(Self.line("  seed: \(made.seed)", "of the images"))
        } else {
            lines.append("  path: \(Self.quoted(data.path))")
        }
        lines.append(Self.line("  pad: \(data.pad)", "rows and columns of zeros on each side"))
        if let channels = data.channels {
            lines.append(Self.line("  channels: \(channels)", "a grey image is repeated over them"))
        }
        lines.append(Self.line("  shuffle: \(data.shuffle)", "an order of its own for each epoch"))
        lines.append(Self.line("  crop: \(data.crop)", "pixels by which training images are moved at random"))
        lines.append(Self.line("  flip: \(data.flip)", "mirror every other training image, at random"))
        if !data.mean.isEmpty || !data.std.isEmpty {
            let parts = [("mean", data.mean), ("std", data.std)].filter { !$1.isEmpty }
                .map { "\($0): [\($1.map(\.description).joined(separator: ", "))]" }
            lines.append("  normalize: {\(parts.joined(separator: ", "))}    # (value - mean) / std, value in [0, 1]")
        }
        return lines
    }

    private static func line(_ setting: String, _ comment: String) -> String {
        setting + String(repeating: " ", count: max(2, 30 - setting.count)) + "# " + comment
    }

    private static func modelLines(_ entries: [ModelEntry], indent: String) -> [String] {
        let isList = zip(0..., entries).allSatisfy { "\($0)" == $1.name }
        return entries.flatMap { entry in
            let start = indent + (isList ? "-" : "\(quoted(entry.name)):")
            switch entry.module {
            case .constructor(let text): return ["\(start) \(quoted(text.text))"]
            case .sequence(let children): return [start] + modelLines(children, indent: indent + "  ")
            }
        }
    }

    private static let plainFirst = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/_")
    private static let plainRest = plainFirst.union("0123456789.-+*=()[], ")
    private static let words: Set<String> = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]

    /// A scalar of block YAML: as it is where every reader takes that for this text, else in double quotes.
    private static func quoted(_ text: String) -> String {
        if let first = text.first, plainFirst.contains(first), text.last != " ",
            text.allSatisfy(plainRest.contains), !words.contains(text.lowercased())
        {
            return text
        }
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case _
            where scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value)
                || (0x2028...0x2029).contains(scalar.value):
                "\\u" + String(repeating: "0", count: 4 - String(scalar.value, radix: 16).count)
                    + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }
        return "\"\(escaped.joined())\""
    }
}
