/// The name of a Python function, class or constant in a pickle, such as `collections.OrderedDict`. It is never looked
/// up.
package struct PickleGlobal: Hashable, Sendable, CustomStringConvertible {
    package let module: String
    package let name: String

    package init(_ module: String, _ name: String) {
        self.module = module
        self.name = name
    }

    package var description: String { module + "." + name }
}

/// A reference to a storage, the bytes that tensors share: its key in the file, and its type (nil: untyped bytes).
struct StorageReference: Hashable, Sendable {
    let key: String
    let type: ElementType?
    let elementCount: Int

    var byteCount: Int { elementCount * (type?.byteCount ?? 1) }
}

/// The object graph of a pickle, as data: values refer to objects by number, so that sharing and cycles are kept and
/// nothing recurses.
///
/// Nothing in it was called or imported. An object whose class isn't one of the few known containers and tensors is an
/// `instance`: the name of its class, its arguments and its state.
struct PickleGraph: Sendable {
    enum Value: Hashable, Sendable {
        case none
        case bool(Bool)
        case int(Int64)
        case float(Double)
        /// An index of `strings`.
        case string(Int32)
        /// An index of `objects`.
        case object(Int32)
    }

    struct Pair: Sendable {
        let key: Value
        let value: Value
    }

    enum Object: Sendable {
        case list([Value])
        case tuple([Value])
        case dictionary([Pair], isOrdered: Bool)
        case set([Value])
        case bytes([UInt8])
        /// Two's complement, least significant byte first; only what does not fit 64 bits.
        case largeInteger([UInt8])
        case global(PickleGlobal)
        case storage(StorageReference)
        indirect case tensor(StoredTensor)
        indirect case instance(Instance)
    }

    /// An object of a class that is known by name only.
    struct Instance: Sendable {
        /// The callable that makes the object, or nil where that is no plain name.
        let constructor: PickleGlobal?
        let arguments: [Value]
        /// Whether the class's `__new__` would have been called, and not the class.
        var isMadeByNew = false
        var state = Value.none
        /// The items that were appended to it as to a list.
        var items: [Value] = []
        /// The entries that were stored in it as in a dictionary.
        var pairs: [Pair] = []
    }

    var objects: [Object] = []
    var strings: [String] = []
    var root = Value.none
    /// All Python names in the pickle, in the order of their first mention.
    var globals: [PickleGlobal] = []
}

extension PickleGraph {
    func object(_ value: Value) -> Object? {
        guard case .object(let number) = value else { return nil }
        return objects[Int(number)]
    }

    func text(_ value: Value) -> String? {
        guard case .string(let number) = value else { return nil }
        return strings[Int(number)]
    }

    func integer(_ value: Value) -> Int? {
        guard case .int(let number) = value else { return nil }
        return Int(number)
    }

    /// The items of a list, tuple or set.
    func items(_ value: Value) -> [Value]? {
        switch object(value) {
        case .list(let items), .tuple(let items), .set(let items): items
        default: nil
        }
    }

    /// The entries of a dictionary, or of an object that behaves as one.
    func pairs(_ value: Value) -> [Pair]? {
        switch object(value) {
        case .dictionary(let pairs, _): pairs
        case .instance(let instance) where !instance.pairs.isEmpty: instance.pairs
        default: nil
        }
    }

    func instance(_ value: Value) -> Instance? {
        guard case .instance(let instance) = object(value) else { return nil }
        return instance
    }

    func tensor(_ value: Value) -> StoredTensor? {
        guard case .tensor(let tensor) = object(value) else { return nil }
        return tensor
    }

    func global(_ value: Value) -> PickleGlobal? {
        guard case .global(let global) = object(value) else { return nil }
        return global
    }

    /// The value under a string key; as in Python, the last one given counts.
    func value(_ container: Value, _ key: String) -> Value? {
        pairs(container)?.last { text($0.key) == key }?.value
    }

    /// The text of a key as a part of a tensor's path.
    func keyText(_ value: Value) -> String? {
        switch value {
        case .string: text(value)
        case .int(let number): String(number)
        case .bool(let flag): flag ? "True" : "False"
        default: nil
        }
    }
}
