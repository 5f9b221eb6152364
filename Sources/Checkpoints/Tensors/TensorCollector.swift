/// Finds every tensor that a pickle's graph leads to and gives it its path: dictionary keys, list indices and the names
/// that modules give their members, joined by dots.
///
/// Work and memory are bounded, for a graph whose parts refer to each other can have more paths than there are atoms.
struct TensorCollector {
    private static let depthLimit = 200
    private static let visitLimit = 1_000_000
    private static let nameByteLimit = 64 << 20

    private let graph: PickleGraph
    private let path: String
    private var tensors: [TensorEntry] = []
    private var unshown: [UnshownTensor] = []
    private var visits = 0
    private var nameBytes = 0
    /// The objects between the root and here: meeting one again is a cycle, which leads nowhere new.
    private var ancestors: Set<Int32> = []

    private init(_ graph: PickleGraph, path: String) {
        self.graph = graph
        self.path = path
    }

    /// The tensors below `start`, or below the root, and those that can't be shown.
    static func tensors(
        in graph: PickleGraph, below start: PickleGraph.Value? = nil, path: String
    ) throws(CheckpointError) -> (tensors: [TensorEntry], unshown: [UnshownTensor]) {
        var collector = TensorCollector(graph, path: path)
        try collector.visit(start ?? graph.root, name: "")
        return (collector.tensors, collector.unshown)
    }

    private mutating func visit(_ value: PickleGraph.Value, name: String) throws(CheckpointError) {
        guard case .object(let number) = value, !ancestors.contains(number) else { return }
        visits += 1
        guard visits <= Self.visitLimit, ancestors.count < Self.depthLimit else {
            throw .damaged(
                path: path, place: name.isEmpty ? "pickle" : "'\(name.prefix(80))'",
                problem: "nested too deeply, or parts of it refer to each other too often")
        }
        ancestors.insert(number)
        try enter(graph.objects[Int(number)], name: name)
        ancestors.remove(number)
    }

    private mutating func enter(_ object: PickleGraph.Object, name: String) throws(CheckpointError) {
        switch object {
        case .tensor(let tensor): try add(tensor, name: name)
        case .list(let items), .tuple(let items):
            for (index, item) in items.enumerated() { try visit(item, name: name, String(index)) }
        case .dictionary(let pairs, _): try visit(pairs, name: name)
        case .instance(let instance): try enter(instance, name: name)
        default: break
        }
    }

    private mutating func enter(_ instance: PickleGraph.Instance, name: String) throws(CheckpointError) {
        if let kind = UnshownTensor.kind(instance, graph) {
            return unshown.append(UnshownTensor(name: name, kind: kind))
        }
        if let module = ModuleState(instance, in: graph) { return try enter(module, name: name) }
        if let state = graph.pairs(instance.state) { try visit(state, name: name) }
        try visit(instance.pairs, name: name)
        for (index, item) in instance.items.enumerated() { try visit(item, name: name, String(index)) }
    }

    /// In the order of `state_dict()`: parameters, persistent buffers, then the modules inside.
    private mutating func enter(_ module: ModuleState, name: String) throws(CheckpointError) {
        try visit(module.parameters, name: name)
        try visit(module.persistentBuffers, name: name)
        try visit(module.children, name: name)
    }

    private mutating func visit(_ pairs: [PickleGraph.Pair], name: String) throws(CheckpointError) {
        for pair in pairs {
            guard let key = graph.keyText(pair.key) else { continue }
            try visit(pair.value, name: name, key)
        }
    }

    private mutating func visit(_ value: PickleGraph.Value, name: String, _ part: String) throws(CheckpointError) {
        guard case .object = value else { return }
        try charge(part.utf8.count + name.utf8.count)
        try visit(value, name: name.isEmpty ? part : name + "." + part)
    }

    private mutating func add(_ tensor: StoredTensor, name: String) throws(CheckpointError) {
        tensors.append(TensorEntry(name: name, stored: tensor))
    }

    /// Counts the bytes of every name that is put together, also on the way to a tensor that isn't there.
    private mutating func charge(_ byteCount: Int) throws(CheckpointError) {
        nameBytes += byteCount
        guard nameBytes <= Self.nameByteLimit else {
            throw .damaged(
                path: path, place: "pickle",
                problem: "its names never end, as parts of it refer to each other too often")
        }
    }
}

/// A tensor that is recognised but whose values can't be shown here.
package struct UnshownTensor: Equatable, Sendable {
    package let name: String
    /// What it is, such as `quantized tensor (QInt8)`.
    package let kind: String

    private static let kinds: [String: String] = [
        "torch._utils._rebuild_qtensor": "quantized tensor", "torch._utils._rebuild_sparse_tensor": "sparse tensor",
        "torch._utils._rebuild_sparse_csr_tensor": "sparse tensor",
        "torch._utils._rebuild_nested_tensor": "nested tensor",
        "torch._utils._rebuild_meta_tensor_no_storage": "tensor without data (meta device)",
        "torch._utils._rebuild_wrapper_subclass": "tensor of a wrapper class",
        "torch._utils._rebuild_device_tensor_from_numpy": "tensor of another device, kept as a NumPy array",
        "torch._utils._rebuild_device_tensor_from_cpu_tensor": "tensor of another device",
        "torch._tensor._rebuild_from_type_v2": "tensor of a class of its own",
        "torch._utils._rebuild_parameter": "parameter of a kind of its own",
        "numpy.core.multiarray._reconstruct": "NumPy array", "numpy._core.multiarray._reconstruct": "NumPy array",
    ]

    static func kind(_ instance: PickleGraph.Instance, _ graph: PickleGraph) -> String? {
        guard let constructor = instance.constructor, let kind = kinds[constructor.description] else { return nil }
        guard let first = instance.arguments.first else { return kind }
        if let storage = graph.instance(first)?.constructor, storage.name.hasSuffix("Storage") {
            return kind + " (" + storage.name.dropLast("Storage".count) + ")"
        }
        if let layout = graph.instance(first)?.arguments.first.flatMap(graph.text) { return kind + " (" + layout + ")" }
        return kind
    }
}

/// What `torch.nn.Module` keeps in an instance's `__dict__`, whatever the class: this is how a module is known.
struct ModuleState {
    let constructor: PickleGlobal?
    let parameters: [PickleGraph.Pair]
    let buffers: [PickleGraph.Pair]
    let children: [PickleGraph.Pair]
    /// All of `__dict__`: also the arguments of known layers, such as `kernel_size`.
    let attributes: [PickleGraph.Pair]
    private let nonPersistent: Set<PickleGraph.Value>

    init?(_ instance: PickleGraph.Instance, in graph: PickleGraph) {
        guard let attributes = graph.pairs(instance.state) else { return nil }
        func member(_ name: String) -> PickleGraph.Value? {
            attributes.last { graph.text($0.key) == name }?.value
        }
        guard let parameters = member("_parameters").flatMap(graph.pairs),
            let children = member("_modules").flatMap(graph.pairs)
        else { return nil }
        constructor = instance.constructor
        self.attributes = attributes
        self.parameters = parameters
        self.children = children
        buffers = member("_buffers").flatMap(graph.pairs) ?? []
        nonPersistent = Set(member("_non_persistent_buffers_set").flatMap(graph.items) ?? [])
    }

    /// The buffers that `state_dict()` includes.
    var persistentBuffers: [PickleGraph.Pair] { buffers.filter { !nonPersistent.contains($0.key) } }
}
