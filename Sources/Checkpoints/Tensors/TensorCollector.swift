/// A search for every tensor in a pickle's graph, with its path: dictionary keys, list indices and the names that
/// modules give their members, joined by dots.
///
/// Work and memory are bounded, for a graph whose parts refer to each other can have more paths than there are atoms.
struct TensorCollector {
    private static let depthLimit = 200
    private static let visitLimit = 1_000_000
    private static let nameByteLimit = 64 << 20

    private let graph: PickleGraph
    private let path: String
    private var tensors: [TensorEntry] = []
    private var unsupported: [UnsupportedTensor] = []
    private var visits = 0
    private var nameBytes = 0
    /// The objects between the root and the current one: meeting one again is a cycle.
    private var ancestors: Set<Int32> = []

    private init(_ graph: PickleGraph, path: String) {
        self.graph = graph
        self.path = path
    }

    /// The tensors below `start`, or below the root, and those of unsupported kinds.
    static func tensors(
        in graph: PickleGraph, below start: PickleGraph.Value? = nil, path: String
    ) throws(CheckpointError) -> (tensors: [TensorEntry], unsupported: [UnsupportedTensor]) {
        var collector = TensorCollector(graph, path: path)
        try collector.visit(start ?? graph.root, name: "")
        return (collector.tensors, collector.unsupported)
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
        if let kind = UnsupportedTensor.kind(instance, graph) {
            return unsupported.append(UnsupportedTensor(name: name, kind: kind))
        }
        if let module = ModuleState(instance, in: graph) { return try enter(module, name: name) }
        if let state = graph.pairs(instance.state) { try visit(state, name: name) }
        try visit(instance.pairs, name: name)
        for (index, item) in instance.items.enumerated() { try visit(item, name: name, String(index)) }
    }

    /// Enters a module in the order of `state_dict()`: parameters, persistent buffers, then the modules inside.
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

    /// Counts the bytes of every name that is joined, even where it leads to no tensor.
    private mutating func charge(_ byteCount: Int) throws(CheckpointError) {
        nameBytes += byteCount
        guard nameBytes <= Self.nameByteLimit else {
            throw .damaged(
                path: path, place: "pickle",
                problem: "its names never end, as parts of it refer to each other too often")
        }
    }
}
