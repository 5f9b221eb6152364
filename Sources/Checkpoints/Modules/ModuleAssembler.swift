import Syntax

/// An assembler of a module from an outline and a state dictionary: of the value that `torch.save(net)` would pickle
/// for an nn.Sequential of torch's own layers, which opens wherever PyTorch is installed.
struct ModuleAssembler {
    private let tensors: [String: TensorPayload]
    private let path: String
    private var used: Set<String> = []

    /// - Parameter path: the file to be written, for errors.
    static func value(
        _ outline: ModuleOutline, _ tensors: [(name: String, tensor: TensorPayload)], path: String
    ) throws(CheckpointError) -> PickleValue {
        var assembler = ModuleAssembler(
            tensors: Dictionary(tensors.map { ($0.name, $0.tensor) }, uniquingKeysWith: { $1 }), path: path)
        let value = try assembler.module(outline, name: "")
        if let left = tensors.first(where: { !assembler.used.contains($0.name) }) {
            throw assembler.unfit("tensor '\(left.name)' belongs to no layer")
        }
        return value
    }

    private init(tensors: [String: TensorPayload], path: String) {
        self.tensors = tensors
        self.path = path
    }

    private func unfit(_ what: String) -> CheckpointError {
        .unsupported(path: path, what: what, advice: "write the state dictionary instead ('--as state-dict')")
    }

    private mutating func module(_ outline: ModuleOutline, name: String) throws(CheckpointError) -> PickleValue {
        switch outline {
        case .layer(let call): return try layer(call, name: name)
        case .sequential(let children):
            var modules: [PickleValue.Entry] = []
            for child in children {
                let value = try module(child.module, name: name.isEmpty ? child.name : name + "." + child.name)
                modules.append(PickleValue.Entry(.string(child.name), value))
            }
            return TorchModule.value(
                PickleGlobal("torch.nn.modules.container", "Sequential"), modules: modules)
        }
    }

    private mutating func layer(_ call: ConstructorCall, name: String) throws(CheckpointError) -> PickleValue {
        guard let schema = LayerSchema.named(call.name) else {
            throw unfit("layer '\(name)' is a \(call.name), which is none of torch.nn's that can be written")
        }
        guard let arguments = schema.bind(call) else {
            throw unfit("layer '\(name)' has unknown arguments: \(call.source)")
        }
        let parameters = try members(schema.parameters, of: name, isParameter: true)
        let buffers = try members(schema.buffers, of: name, isParameter: false)
        return TorchModule.value(
            schema.constructor, parameters: parameters, buffers: buffers, attributes: schema.attributes(arguments))
    }

    /// The tensors of a layer; None where the state dictionary has none, as with `bias=False`.
    private mutating func members(
        _ names: [String], of layer: String, isParameter: Bool
    ) throws(CheckpointError) -> [PickleValue.Entry] {
        names.map { name in
            let full = layer.isEmpty ? name : layer + "." + name
            guard let tensor = tensors[full] else { return PickleValue.Entry(.string(name), .none) }
            used.insert(full)
            return PickleValue.Entry(.string(name), .tensor(tensor.asParameter(isParameter)))
        }
    }
}
