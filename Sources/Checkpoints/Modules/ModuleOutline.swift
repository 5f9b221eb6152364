import Syntax

/// The modules of a network to be written as a whole object: layers as PyTorch's constructors, nested by name.
package indirect enum ModuleOutline: Equatable, Sendable {
    /// A layer of torch.nn's own, such as `Conv2d(3, 16, kernel_size=3, padding=1)`.
    case layer(ConstructorCall)
    /// Modules that are applied one after another.
    case sequential([Child])

    package struct Child: Equatable, Sendable {
        package let name: String
        package let module: ModuleOutline

        package init(_ name: String, _ module: ModuleOutline) {
            self.name = name
            self.module = module
        }
    }
}

/// Turns an outline and a state dictionary into the value that `torch.save(net)` would pickle: an nn.Sequential of torch's
/// own layers, which opens wherever PyTorch is installed.
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
        guard let recipe = LayerRecipe.named(call.name) else {
            throw unfit("layer '\(name)' is a \(call.name), which is none of torch.nn's that can be written")
        }
        guard let arguments = recipe.bind(call) else {
            throw unfit("layer '\(name)' has unknown arguments: \(call.source)")
        }
        let parameters = try members(recipe.parameters, of: name, isParameter: true)
        let buffers = try members(recipe.buffers, of: name, isParameter: false)
        return TorchModule.value(
            recipe.constructor, parameters: parameters, buffers: buffers, attributes: recipe.attributes(arguments))
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

/// The `__dict__` of an nn.Module, with the members that PyTorch 1.13 and 2.x need to find in it.
enum TorchModule {
    private static let hooks = [
        "_backward_hooks", "_forward_hooks", "_forward_pre_hooks", "_state_dict_hooks", "_load_state_dict_pre_hooks",
        "_load_state_dict_post_hooks",
    ]

    /// A module in evaluation mode, as whoever gets the file most likely wants to use it.
    static func value(
        _ constructor: PickleGlobal, parameters: [PickleValue.Entry] = [], buffers: [PickleValue.Entry] = [],
        modules: [PickleValue.Entry] = [], attributes: [PickleValue.Entry] = []
    ) -> PickleValue {
        var members: [PickleValue.Entry] = [
            .init("training", false), .init("_parameters", .ordered(parameters)), .init("_buffers", .ordered(buffers)),
            .init("_non_persistent_buffers_set", .set([])), .init("_is_full_backward_hook", nil),
        ]
        members += hooks.map { .init(.string($0), .ordered([])) }
        members.append(.init("_modules", .ordered(modules)))
        return .object(constructor, arguments: nil, state: .dictionary(members + attributes))
    }
}
