import EventLog
import Files
import Syntax

/// The settings of an experiment file as a flat list, for tables and comparisons: `batch_size`, `data.path`,
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

    /// The named arguments of a constructor: `SGD(lr=0.1, momentum=0.9)` has two.
    private static func arguments(of text: String) -> [Hyperparameter] {
        guard let call = try? ConstructorCall(parsing: text, namesAreValues: true) else { return [] }
        return call.keywords.map { Hyperparameter($0.name, value($0.value)) }
    }

    private static func value(_ argument: ArgumentValue) -> Hyperparameter.Value {
        switch argument {
        case .integer(let number): .number(Double(number))
        case .number(let number): .number(number)
        case .boolean(let flag): .flag(flag)
        case .call(let call): .text(call.source)
        // Logs have always had these without spaces, and a comparison goes by the text.
        case .none, .string, .tuple, .list: .text(argument.description.filter { $0 != " " })
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
