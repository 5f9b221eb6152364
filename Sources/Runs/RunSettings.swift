import EventLog

/// An experiment file as a flat list of settings, for tables and comparisons: `batch_size`, `data.path`,
/// `model.layer1.0`; the optimizer's arguments stand by themselves (`lr`, `momentum`), as people know them.
///
/// It reads any YAML of groups, lists and values: an experiment that can no longer be trained can still be compared.
package enum RunSettings {
    private static let sizeLimit = 1 << 20

    /// The settings of a file; none if there is no such file, or it makes no sense.
    package static func read(_ path: String) -> [Hyperparameter] {
        guard let bytes = try? SmallFile.read(path, limit: sizeLimit) else { return [] }
        return list(yaml: String(decoding: bytes, as: UTF8.self))
    }

    package static func list(yaml: String) -> [Hyperparameter] {
        guard let root = try? SettingsNode(yaml: yaml, file: "") else { return [] }
        var settings: [Hyperparameter] = []
        collect(root, "", into: &settings)
        return settings
    }

    private static func collect(_ node: SettingsNode, _ path: String, into settings: inout [Hyperparameter]) {
        let prefix = path.isEmpty ? "" : path + "."
        switch node.content {
        case .mapping(let entries):
            for entry in entries { collect(entry.value, prefix + entry.key, into: &settings) }
        case .list(let items):
            for (index, item) in items.enumerated() { collect(item, "\(prefix)\(index)", into: &settings) }
        case .scalar(let text) where path == "optimizer":
            settings.append(Hyperparameter(path, .text(String(text.prefix { $0 != "(" }))))
            settings += arguments(of: text)
        case .scalar(let text): settings.append(Hyperparameter(path, value(text)))
        }
    }

    /// The named arguments of a constructor: `SGD(lr=0.1, momentum=0.9)` has two. Commas in brackets part nothing.
    private static func arguments(of call: String) -> [Hyperparameter] {
        guard let open = call.firstIndex(of: "("), let close = call.lastIndex(of: ")"), open < close else { return [] }
        var parts = [""]
        var depth = 0
        for character in call[call.index(after: open)..<close] {
            if "([".contains(character) { depth += 1 } else if ")]".contains(character) { depth -= 1 }
            if character == ",", depth == 0 { parts.append("") } else { parts[parts.count - 1].append(character) }
        }
        return parts.compactMap { part in
            let sides = part.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " } }
            return sides.count == 2 ? Hyperparameter(sides[0], value(sides[1])) : nil
        }
    }

    private static func value(_ text: String) -> Hyperparameter.Value {
        if let number = Double(text) { return .number(number) }
        switch text.lowercased() {
        case "true": return .flag(true)
        case "false": return .flag(false)
        default: return .text(text)
        }
    }
}
