/// Writing a checkpoint's network in another form. Tensors are streamed from this file into the new one.
extension CheckpointFile {
    /// Only the state dictionary, as `torch.save(net.state_dict(), path)` writes it.
    package func writeStateDictionary(to path: String) throws(CheckpointError) {
        let tensors = try payloads(stateEntries()).map { ($0.name, $0.tensor.asParameter(false)) }
        try CheckpointWriter.write(StateDictionary.value(tensors), to: path)
    }

    /// The state dictionary as a safetensors file, marked as PyTorch's.
    package func writeSafetensors(to path: String) throws(CheckpointError) {
        let known = metadata.isEmpty ? [(key: "format", value: "pt")] : metadata
        try SafetensorsWriter.write(payloads(stateEntries()), metadata: known, to: path)
    }

    /// A whole object that `torch.load(path, weights_only=False)` turns into a working module without any class but
    /// torch's own: nested Sequentials of the layers in `outline`.
    package func writeModule(to path: String, outline: ModuleOutline) throws(CheckpointError) {
        let value = try ModuleAssembler.value(outline, payloads(stateEntries()), path: path)
        try CheckpointWriter.write(value, to: path)
    }

    /// The same from the module in the file itself. Its outermost class is replaced by a Sequential, which applies the
    /// modules in the order in which they were registered; whether the class did so too can't be known.
    ///
    /// - Returns: the names of the classes that were replaced, for a word to the user.
    @discardableResult
    package func writeModule(to path: String) throws(CheckpointError) -> [String] {
        let (value, replaced) = try ModuleRecovery.value(self, writingTo: path)
        try CheckpointWriter.write(value, to: path)
        return replaced
    }
}

/// Rebuilds the module in a file from torch's own classes.
private struct ModuleRecovery {
    private static let containers: Set<String> = ["Sequential", "ModuleList", "ModuleDict"]

    private let graph: PickleGraph
    private let path: String
    private var builder: PickleTreeBuilder
    private var replaced: [String] = []

    static func value(
        _ file: CheckpointFile, writingTo path: String
    ) throws(CheckpointError) -> (value: PickleValue, replaced: [String]) {
        let graph = file.contents.graph
        var recovery = ModuleRecovery(graph: graph, path: path, builder: PickleTreeBuilder(file.contents))
        let candidates = [graph.root] + CheckpointFile.stateKeys.compactMap { graph.value(graph.root, $0) }
        for candidate in candidates {
            guard let state = graph.instance(candidate).flatMap({ ModuleState($0, in: graph) }) else { continue }
            return (try recovery.module(candidate, state, name: "", isOutermost: true), recovery.replaced)
        }
        throw recovery.unfit(
            "\(file.path) holds tensors only, and a module's layers can't be guessed from them")
    }

    private init(graph: PickleGraph, path: String, builder: PickleTreeBuilder) {
        self.graph = graph
        self.path = path
        self.builder = builder
    }

    private func unfit(_ what: String) -> CheckpointError {
        .unsupported(path: path, what: what, advice: "write the state dictionary instead ('--as state-dict')")
    }

    private mutating func module(
        _ value: PickleGraph.Value, _ state: ModuleState, name: String, isOutermost: Bool
    ) throws(CheckpointError) -> PickleValue {
        let constructor = state.constructor ?? PickleGlobal("?", "?")
        let isTorchs = constructor.module.hasPrefix("torch.nn.modules.")
        if isTorchs, !Self.containers.contains(constructor.name) { return try copy(value, name: name) }
        guard isTorchs ? constructor.name == "Sequential" : isOutermost else {
            throw unfit("module '\(name)' is a \(constructor), whose way of using what is in it can't be known")
        }
        guard state.parameters.isEmpty, state.buffers.isEmpty, !state.children.isEmpty || isTorchs else {
            throw unfit("\(constructor) has tensors of its own, which a Sequential can't have")
        }
        if !isTorchs { replaced.append(constructor.name) }
        // A wrapper around one module, such as DataParallel, leaves that one outermost.
        let children = try children(state, name: name, areOutermost: isOutermost && state.children.count == 1)
        return TorchModule.value(PickleGlobal("torch.nn.modules.container", "Sequential"), modules: children)
    }

    private mutating func children(
        _ state: ModuleState, name: String, areOutermost: Bool
    ) throws(CheckpointError) -> [PickleValue.Entry] {
        var modules: [PickleValue.Entry] = []
        for pair in state.children {
            guard let key = graph.keyText(pair.key), let instance = graph.instance(pair.value),
                let child = ModuleState(instance, in: graph)
            else { continue }
            let value = try module(
                pair.value, child, name: name.isEmpty ? key : name + "." + key, isOutermost: areOutermost)
            modules.append(PickleValue.Entry(.string(key), value))
        }
        return modules
    }

    /// One of torch's layers as it is, with everything in it, but without hooks.
    private mutating func copy(_ value: PickleGraph.Value, name: String) throws(CheckpointError) -> PickleValue {
        let copied = try builder.build(value).withoutHooks
        if let foreign = copied.globals.first(where: { !Self.isEverywhere($0) }) {
            throw unfit("module '\(name)' holds a \(foreign)")
        }
        return copied
    }

    /// Whether a name exists wherever PyTorch is installed, and only builds a module.
    private static func isEverywhere(_ global: PickleGlobal) -> Bool {
        global.module.hasPrefix("torch.nn.modules.") || GlobalMention(global).verdict == .allowed
    }
}

extension PickleValue {
    private static let hookNames = "_hooks"

    /// The same with every module's hooks removed: they are functions of the program that saved it.
    fileprivate var withoutHooks: PickleValue {
        switch self {
        case .dictionary(let entries): .dictionary(Self.withoutHooks(entries))
        case .ordered(let entries, let attributes): .ordered(Self.withoutHooks(entries), attributes: attributes)
        case .list(let items): .list(items.map(\.withoutHooks))
        case .tuple(let items): .tuple(items.map(\.withoutHooks))
        case .object(let constructor, let arguments, let state):
            .object(constructor, arguments: arguments?.map(\.withoutHooks), state: state?.withoutHooks)
        default: self
        }
    }

    private static func withoutHooks(_ entries: [Entry]) -> [Entry] {
        entries.map { entry in
            let isHooks = entry.key.string?.contains(hookNames) == true
            return Entry(entry.key, isHooks ? .ordered([]) : entry.value.withoutHooks)
        }
    }

    /// Every name in it.
    fileprivate var globals: [PickleGlobal] {
        switch self {
        case .global(let global): [global]
        case .object(let constructor, let arguments, let state):
            [constructor] + (arguments ?? []).flatMap(\.globals) + (state?.globals ?? [])
        case .list(let items), .tuple(let items), .set(let items): items.flatMap(\.globals)
        case .dictionary(let entries), .ordered(let entries, _): entries.flatMap { $0.key.globals + $0.value.globals }
        default: []
        }
    }
}
