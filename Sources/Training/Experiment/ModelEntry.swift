import Syntax

/// One named module of the `model` part of an experiment: what stands under a name in a state dictionary's keys.
///
/// The items of a list are named `0`, `1`, …, as in PyTorch's Sequential, so a list and a mapping with these keys are
/// the same.
package struct ModelEntry: Equatable, Sendable {
    package indirect enum Module: Equatable, Sendable {
        /// A constructor in PyTorch's words: `Conv2d(3, 16, kernel_size=3)`.
        case constructor(SourceText)
        /// A Sequential.
        case sequence([ModelEntry])
    }

    package let name: String
    package let module: Module
    package let place: SourceLocation

    package init(_ name: String, _ module: Module, at place: SourceLocation) {
        self.name = name
        self.module = module
        self.place = place
    }

    package static func == (a: ModelEntry, b: ModelEntry) -> Bool {
        a.name == b.name && a.module == b.module
    }
}

extension ModelEntry {
    private static let deepest = 32

    /// Reads the value of `model`.
    static func entries(of node: SettingsNode, path: String = "model", depth: Int = 0) throws(SettingsError)
        -> [ModelEntry]
    {
        guard depth < deepest else { throw .invalid(place: node.place, problem: "\(path) is nested too deeply") }
        let named: [(name: String, place: SourceLocation, value: SettingsNode)]
        switch node.content {
        case .scalar:
            throw .badValue(
                place: node.place, key: path, found: node.summary, expected: "layers with names, or a list of layers")
        case .list(let items): named = items.enumerated().map { ("\($0)", $1.place, $1) }
        case .mapping(let entries): named = entries.map { ($0.key, $0.place, $0.value) }
        }
        guard !named.isEmpty else { throw .invalid(place: node.place, problem: "\(path) has no layers") }
        var result: [ModelEntry] = []
        for (name, place, value) in named {
            try check(name: name, place: place)
            result.append(try ModelEntry(name, value, path: "\(path).\(name)", depth: depth, at: place))
        }
        return result
    }

    private init(_ name: String, _ node: SettingsNode, path: String, depth: Int, at place: SourceLocation)
        throws(SettingsError)
    {
        guard case .scalar(let text) = node.content else {
            self.init(name, .sequence(try Self.entries(of: node, path: path, depth: depth + 1)), at: place)
            return
        }
        guard !text.isEmpty else {
            throw .badValue(place: place, key: path, found: "empty", expected: "a layer, as in ReLU()")
        }
        guard text.count(where: { $0 == "(" }) == text.count(where: { $0 == ")" }) else {
            throw .invalid(
                place: place,
                problem: "\(path) is '\(text)', a piece of a layer: inside [ ] or { }, put quotes around a layer")
        }
        self.init(name, .constructor(SourceText(text, at: node.place)), at: place)
    }

    private static func check(name: String, place: SourceLocation) throws(SettingsError) {
        let isWord = name.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "_"
        }
        guard isWord, !name.isEmpty, name.count <= 64 else {
            throw .invalid(
                place: place,
                problem:
                    "layer name '\(name.prefix(64))' cannot be used: it becomes part of names such as layer1.weight, "
                    + "so letters, digits and _ only")
        }
    }
}
