import EventLog
import Files

/// An experiment file as a flat list of settings, for tables and comparisons: `batch_size`, `data.path`,
/// `model.layer1.0`; the optimizer's arguments stand by themselves (`lr`, `momentum`), as people know them.
///
/// It reads any YAML of groups, lists and values: an experiment that can no longer be trained can still be compared.
package enum RunSettings {
    private static let sizeLimit = 1 << 20

    /// The settings of a file; none if there is no such file, or it makes no sense.
    package static func read(_ path: String) -> [Hyperparameter] {
        guard let bytes = try? WholeFile.read(path, limit: sizeLimit) else { return [] }
        return list(yaml: String(decoding: bytes, as: UTF8.self))
    }

    package static func list(yaml: String) -> [Hyperparameter] {
        guard let root = try? SettingsNode(yaml: yaml, file: "") else { return [] }
        return leaves(of: root, "").flatMap { key, text -> [Hyperparameter] in
            guard key == "optimizer" else { return [Hyperparameter(key, value(text))] }
            return [Hyperparameter(key, .text(String(text.prefix { $0 != "(" })))] + arguments(of: text)
        }
    }

    /// Dotted keys and values as the file writes them, every one of them a key that can be set.
    package static func written(_ path: String) -> [(key: String, value: String)] {
        guard let bytes = try? WholeFile.read(path, limit: sizeLimit),
            let root = try? SettingsNode(yaml: String(decoding: bytes, as: UTF8.self), file: path)
        else { return [] }
        return leaves(of: root, "")
    }

    private static func leaves(of node: SettingsNode, _ path: String) -> [(key: String, value: String)] {
        let prefix = path.isEmpty ? "" : path + "."
        switch node.content {
        case .scalar(let text): return [(path, text)]
        case .mapping(let entries): return entries.flatMap { leaves(of: $0.value, prefix + $0.key) }
        case .list(let items): return items.enumerated().flatMap { leaves(of: $1, prefix + "\($0)") }
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
