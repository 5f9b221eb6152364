/// What stands for calling a Python function: tensors and containers are made here, all else becomes an instance that
/// only has the name.
extension Unpickler {
    mutating func reduce() throws(CheckpointError) {
        let arguments = try pop()
        let callable = try pop()
        guard let items = graph.items(arguments) else { throw cursor.damaged("arguments that are no tuple") }
        try construct(graph.global(callable), items)
    }

    mutating func newObject(withKeywords: Bool) throws(CheckpointError) {
        if withKeywords { _ = try pop() }
        try reduce()
        guard case .object(let number) = try top(), case .instance(var instance) = graph.objects[Int(number)] else {
            return
        }
        instance.isMadeByNew = true
        graph.objects[Int(number)] = .instance(instance)
    }

    mutating func construct(_ callable: PickleGlobal?, _ arguments: [PickleGraph.Value]) throws(CheckpointError) {
        switch callable?.description {
        case "collections.OrderedDict": try pushObject(.dictionary(entries(arguments), isOrdered: true))
        case "builtins.dict", "__builtin__.dict", "collections.defaultdict", "collections.Counter":
            try pushObject(.dictionary(entries(arguments), isOrdered: false))
        case "builtins.set", "__builtin__.set", "builtins.frozenset", "__builtin__.frozenset":
            try pushObject(.set(contents(arguments)))
        case "builtins.list", "__builtin__.list": try pushObject(.list(contents(arguments)))
        case "builtins.tuple", "__builtin__.tuple", "torch.Size": try pushObject(.tuple(contents(arguments)))
        case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2": try tensor(arguments)
        case "torch._utils._rebuild_tensor_v3": try untypedTensor(arguments)
        case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state",
            "torch.nn.parameter.Parameter":
            try parameter(callable, arguments)
        case "torch._tensor._rebuild_from_type_v2": try tensorOfClass(callable, arguments)
        default: try opaque(callable, arguments)
        }
    }

    private mutating func opaque(
        _ callable: PickleGlobal?, _ arguments: [PickleGraph.Value]
    ) throws(CheckpointError) {
        try charge(160 + arguments.count * 16)
        try pushObject(.instance(PickleGraph.Instance(constructor: callable, arguments: arguments)))
    }

    private func contents(_ arguments: [PickleGraph.Value]) -> [PickleGraph.Value] {
        arguments.first.flatMap(graph.items) ?? []
    }

    /// The entries of a dictionary that is made from a list of pairs, as Python 2 wrote OrderedDict, or from another one.
    private func entries(_ arguments: [PickleGraph.Value]) -> [PickleGraph.Pair] {
        guard let first = arguments.first else { return [] }
        if let pairs = graph.pairs(first) { return pairs }
        return (graph.items(first) ?? []).compactMap { item in
            guard let pair = graph.items(item), pair.count == 2 else { return nil }
            return PickleGraph.Pair(key: pair[0], value: pair[1])
        }
    }

    /// Gives the object below the top of the stack its state. A container's state is attributes such as `_metadata`,
    /// which no tensor hides in.
    mutating func build() throws(CheckpointError) {
        let state = try pop()
        guard case .object(let number) = try top(), case .instance(var instance) = graph.objects[Int(number)] else {
            return
        }
        try charge(160)
        instance.state = state
        graph.objects[Int(number)] = .instance(instance)
    }

    // MARK: - Tensors

    /// `(storage, offset, size, stride, …)`
    private mutating func tensor(_ arguments: [PickleGraph.Value]) throws(CheckpointError) {
        guard let storage = storage(arguments.first), let type = storage.type else {
            throw cursor.damaged("a tensor without a typed storage")
        }
        try pushTensor(storage, type, arguments)
    }

    /// `(storage, offset, size, stride, requires_grad, hooks, dtype, …)`
    private mutating func untypedTensor(_ arguments: [PickleGraph.Value]) throws(CheckpointError) {
        guard let storage = storage(arguments.first), arguments.count >= 7,
            let dtype = graph.global(arguments[6]), dtype.module == "torch"
        else { throw cursor.damaged("a tensor without a storage and a dtype") }
        guard let type = ElementType(rawValue: dtype.name) else {
            throw .unsupported(
                path: cursor.path, what: "a tensor holds \(dtype), which is not known here",
                advice: "convert it in PyTorch and save again")
        }
        try pushTensor(storage, type, arguments)
    }

    private mutating func pushTensor(
        _ storage: StorageReference, _ type: ElementType, _ arguments: [PickleGraph.Value]
    ) throws(CheckpointError) {
        guard arguments.count >= 4, let offset = graph.integer(arguments[1]), let shape = integers(arguments[2]),
            let strides = integers(arguments[3])
        else { throw cursor.damaged("a tensor without offset, shape and strides") }
        switch StoredTensor.checked(storage, type: type, offset: offset, shape: shape, strides: strides) {
        case .success(let tensor):
            try charge(240 + 16 * shape.count)
            try pushObject(.tensor(tensor))
        case .failure(let flaw):
            throw cursor.damaged("a tensor with " + flaw.text)
        }
    }

    private func storage(_ value: PickleGraph.Value?) -> StorageReference? {
        guard let value, case .storage(let storage) = graph.object(value) else { return nil }
        return storage
    }

    private func integers(_ value: PickleGraph.Value) -> [Int]? {
        guard let items = graph.items(value) else { return nil }
        let numbers = items.compactMap(graph.integer)
        return numbers.count == items.count ? numbers : nil
    }

    private mutating func parameter(
        _ callable: PickleGlobal?, _ arguments: [PickleGraph.Value]
    ) throws(CheckpointError) {
        guard let first = arguments.first, let tensor = graph.tensor(first) else {
            return try opaque(callable, arguments)
        }
        try charge(240)
        try pushObject(.tensor(tensor.asParameter()))
    }

    /// `(function, class, arguments, state)`: a subclass of Tensor, which is its data here.
    private mutating func tensorOfClass(
        _ callable: PickleGlobal?, _ arguments: [PickleGraph.Value]
    ) throws(CheckpointError) {
        let rebuilders = ["_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3", "_rebuild_parameter"]
        guard arguments.count == 4, let function = graph.global(arguments[0]), let inner = graph.items(arguments[2]),
            function.module == "torch._utils", rebuilders.contains(function.name)
        else { return try opaque(callable, arguments) }
        try construct(function, inner)
    }

    // MARK: - Storages

    /// `("storage", class, key, location, element count[, view])`, which is how PyTorch refers to a tensor's bytes.
    mutating func persistentObject(_ value: PickleGraph.Value) throws(CheckpointError) {
        guard let parts = graph.items(value), let kind = parts.first.flatMap(graph.text) else {
            throw cursor.damaged("a persistent id that is no tuple")
        }
        if kind == "module", parts.count >= 2 { return try push(parts[1]) }
        guard kind == "storage", parts.count >= 5, let storageClass = graph.global(parts[1]),
            let key = graph.keyText(parts[2]), let count = graph.integer(parts[4])
        else { throw cursor.damaged("a persistent id that names no storage") }
        guard parts.count < 6 || parts[5] == .none else {
            throw .unsupported(
                path: cursor.path, what: "storage '\(key)' is a view of another one",
                advice: "load it in PyTorch 1.x and save it again")
        }
        try pushStorage(storageClass, key: key, count: count)
    }

    private mutating func pushStorage(
        _ storageClass: PickleGlobal, key: String, count: Int
    ) throws(CheckpointError) {
        let type = ElementType(storageClass: storageClass.name)
        guard count >= 0, count <= Int.max / 16 else { throw cursor.damaged("storage '\(key)' of \(count) elements") }
        guard type != nil || Self.untypedClasses.contains(storageClass.name) else {
            return try opaque(storageClass, [])
        }
        try charge(key.utf8.count + 64)
        try pushObject(.storage(StorageReference(key: key, type: type, elementCount: count)))
    }

    private static let untypedClasses: Set<String> = ["UntypedStorage", "_UntypedStorage", "TypedStorage"]
}
