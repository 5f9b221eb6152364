/// Rebuilds the module in a file from torch's own classes.
struct ModuleRecovery {
    private static let containers: Set<String> = ["Sequential", "ModuleList", "ModuleDict"]

    private let graph: PickleGraph
    private let path: String
    private var builder: PickleTreeBuilder
    private var guess = ModuleGuess()

    static func value(
        _ file: CheckpointFile, writingTo path: String
    ) throws(CheckpointError) -> (value: PickleValue, guess: ModuleGuess) {
        let graph = file.contents.graph
        var recovery = ModuleRecovery(graph: graph, path: path, builder: PickleTreeBuilder(file.contents))
        let candidates = [graph.root] + CheckpointFile.stateKeys.compactMap { graph.value(graph.root, $0) }
        for candidate in candidates {
            guard let state = graph.instance(candidate).flatMap({ ModuleState($0, in: graph) }) else { continue }
            return (try recovery.module(candidate, state, name: "", isOutermost: true), recovery.guess)
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
        if !isTorchs { guess.replaced.append(constructor.name) }
        // A wrapper around one module, such as DataParallel, leaves that one outermost.
        var children = try children(state, name: name, areOutermost: isOutermost && state.children.count == 1)
        if !isTorchs { flatten(&children, name: name) }
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

    /// Puts a Flatten before a Linear layer to which its predecessors would hand images.
    private mutating func flatten(_ modules: inout [PickleValue.Entry], name: String) {
        let taken = Set(modules.compactMap(\.key.string))
        var isImage = false
        for (index, entry) in modules.enumerated() {
            let flow = ImageFlow(entry.value)
            if isImage, flow.needsRows, let key = entry.key.string, let recipe = LayerRecipe.named("Flatten"),
                let free = ["flatten", "flatten_"].first(where: { !taken.contains($0) })
            {
                let arguments: [String: PickleValue] = ["start_dim": 1, "end_dim": -1]
                let layer = TorchModule.value(recipe.constructor, attributes: recipe.attributes(arguments))
                modules.insert(PickleValue.Entry(.string(free), layer), at: index)
                guess.flattened.append(name.isEmpty ? key : name + "." + key)
                return
            }
            isImage = flow.givesImages ?? isImage
        }
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

/// What a module takes and gives: images (or volumes, or sequences) or rows of numbers, told by torch's classes in it.
private struct ImageFlow {
    /// Whether the first layer that minds wants rows.
    private(set) var needsRows = false
    /// What the last layer that minds gives; nil if none does.
    private(set) var givesImages: Bool?

    init(_ module: PickleValue) { add(module) }

    private mutating func add(_ module: PickleValue) {
        guard case .object(let constructor, _, let state?) = module else { return }
        if constructor.name == "Sequential" {
            for entry in state["_modules"]?.entries ?? [] { add(entry.value) }
        } else if constructor.name == "Flatten" {
            givesImages = false
        } else if constructor.name == "Linear" {
            if givesImages == nil { needsRows = true }
            givesImages = false
        } else if ["Conv", "BatchNorm2", "BatchNorm3", "MaxPool", "AvgPool", "AdaptiveAvgPool", "AdaptiveMaxPool"]
            .contains(where: constructor.name.hasPrefix)
        {
            givesImages = true
        }
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
