import Syntax

/// The modules of a network as `print(net)` shows them: classes, what is known of their arguments, and what they contain.
package struct ModuleStructure: Equatable, Sendable {
    package struct Child: Equatable, Sendable {
        package let name: String
        /// Nil where the module was registered as None.
        package let module: ModuleStructure?
    }

    /// The class as the file names it, such as `torch.nn.modules.conv.Conv2d`.
    package let qualifiedName: String
    /// What stands between the parentheses, such as `3, 16, kernel_size=(3, 3), stride=(1, 1)`; some classes take several
    /// lines. Empty for classes that are known by name only.
    package let arguments: [String]
    package let children: [Child]

    /// The class without its module.
    package var className: String {
        qualifiedName.lastIndex(of: ".").map { String(qualifiedName[qualifiedName.index(after: $0)...]) }
            ?? qualifiedName
    }

    /// Exactly what `print(net)` prints, by PyTorch 2.15.
    package var printed: String { lines.joined(separator: "\n") }

    private var lines: [String] {
        if qualifiedName == "torch.nn.modules.container.ModuleList" {
            return PrintedModule.lines(className, children: groupedLines)
        }
        return PrintedModule.lines(className, arguments: arguments, children: childLines)
    }

    private var childLines: [String] {
        children.flatMap { PrintedModule.child($0.name, Self.lines(of: $0.module)) }
    }

    private static func lines(of module: ModuleStructure?) -> [String] { module?.lines ?? [PythonLiteral.none] }

    /// A ModuleList shows equal neighbours once: `(0-2): 3 x Linear(…)`.
    private var groupedLines: [String] {
        var lines: [String] = []
        var start = 0
        while start < children.count {
            let shown = children[start].module?.lines
            let end = children[start...].firstIndex { $0.module?.lines != shown } ?? children.count
            let label = end - start == 1 ? "(\(start)): " : "(\(start)-\(end - 1)): \(end - start) x "
            lines += PrintedModule.labelled(label, Self.lines(of: children[start].module))
            start = end
        }
        return lines
    }
}

extension CheckpointFile {
    /// The structure of the module in the file: of the object itself, or of one under `model`, `net`, …; nil if the file
    /// holds tensors only.
    package func structure() throws(CheckpointError) -> ModuleStructure? {
        let graph = contents.graph
        let candidates = [graph.root] + Self.stateKeys.compactMap { graph.value(graph.root, $0) }
        for value in candidates where graph.instance(value) != nil {
            var reader = ModuleStructureReader(graph, path: path)
            if let structure = try reader.read(value) { return structure }
        }
        return nil
    }
}

/// Follows the modules of a graph. As many as print(net) would show, so bounded: a module can be registered in many
/// places.
private struct ModuleStructureReader {
    private static let moduleLimit = 50_000
    private static let depthLimit = 100

    private let graph: PickleGraph
    private let path: String
    private var modules = 0
    private var depth = 0

    init(_ graph: PickleGraph, path: String) {
        self.graph = graph
        self.path = path
    }

    mutating func read(_ value: PickleGraph.Value) throws(CheckpointError) -> ModuleStructure? {
        guard let instance = graph.instance(value) else { return nil }
        modules += 1
        depth += 1
        defer { depth -= 1 }
        guard modules <= Self.moduleLimit, depth <= Self.depthLimit else {
            throw .damaged(path: path, place: "modules", problem: "nested too deeply, or too many")
        }
        if let state = ModuleState(instance, in: graph) { return try read(state) }
        return try readScript(instance)
    }

    private mutating func read(_ state: ModuleState) throws(CheckpointError) -> ModuleStructure {
        ModuleStructure(
            qualifiedName: state.constructor?.description ?? "?",
            arguments: LayerArguments(state, graph).lines,
            children: try children(state.children))
    }

    private mutating func children(_ pairs: [PickleGraph.Pair]) throws(CheckpointError) -> [ModuleStructure.Child] {
        var children: [ModuleStructure.Child] = []
        for pair in pairs {
            guard let name = graph.keyText(pair.key) else { continue }
            children.append(ModuleStructure.Child(name: name, module: try read(pair.value)))
        }
        return children
    }

    /// TorchScript keeps parameters, flags and modules side by side as attributes; the modules are those with a class.
    private mutating func readScript(_ instance: PickleGraph.Instance) throws(CheckpointError) -> ModuleStructure? {
        guard let constructor = instance.constructor, constructor.module.hasPrefix("__torch__") else { return nil }
        let modules = (graph.pairs(instance.state) ?? []).filter { graph.instance($0.value) != nil }
        return ModuleStructure(
            qualifiedName: "RecursiveScriptModule", arguments: ["original_name=" + constructor.name],
            children: try children(modules))
    }
}
