import Syntax

/// What PyTorch prints between a layer's parentheses, from the attributes that the layer keeps in a file.
struct LayerArguments {
    private let state: ModuleState
    private let graph: PickleGraph

    init(_ state: ModuleState, _ graph: PickleGraph) {
        self.state = state
        self.graph = graph
    }

    /// Empty for a class that is not one of `torch.nn`'s, or has nothing to say.
    var lines: [String] {
        guard let constructor = state.constructor, constructor.module.hasPrefix("torch.nn.modules") else { return [] }
        if constructor.name == "ParameterList" || constructor.name == "ParameterDict" { return parameterLines }
        let text = PrintedArguments(of: constructor.name)?.texts(self).joined(separator: ", ") ?? ""
        return text.isEmpty ? [] : [text]
    }

    private var parameterLines: [String] {
        state.parameters.compactMap { pair in
            guard let name = graph.keyText(pair.key), let tensor = graph.tensor(pair.value) else { return nil }
            let size = tensor.shape.map(String.init).joined(separator: "x")
            return "  (\(name)): Parameter containing: [torch.\(tensor.type.rawValue) of size \(size)]"
        }
    }
}

extension LayerArguments: LayerAttributes {
    func text(of attribute: String, quoted: Bool) -> String? {
        guard let value = state.attributes.last(where: { graph.text($0.key) == attribute })?.value else { return nil }
        return quoted ? PythonText.repr(value, graph) : PythonText.str(value, graph)
    }

    func hasParameter(_ name: String) -> Bool {
        state.parameters.contains { graph.text($0.key) == name && graph.tensor($0.value) != nil }
    }
}
