/// The members of a `torch.nn.Module`, which it keeps in its `__dict__` whatever the class: this is how a module is
/// known.
struct ModuleState {
    let constructor: PickleGlobal?
    let parameters: [PickleGraph.Pair]
    let buffers: [PickleGraph.Pair]
    let children: [PickleGraph.Pair]
    /// All of `__dict__`, with the arguments of known layers, such as `kernel_size`.
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
