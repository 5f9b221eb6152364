import Tensors

/// A value as Python would pickle it, for writing and for the plain parts of what was read.
///
/// It is a tree; what a file shares between two places appears in both, except a tensor's storage, which stays one.
package indirect enum PickleValue: Equatable, Sendable {
    case none
    case bool(Bool)
    case int(Int64)
    case float(Double)
    case string(String)
    case bytes([UInt8])
    case list([PickleValue])
    case tuple([PickleValue])
    case set([PickleValue])
    case dictionary([Entry])
    /// A `collections.OrderedDict`, with attributes of its own such as a state dictionary's `_metadata`.
    case ordered([Entry], attributes: [Entry] = [])
    case tensor(TensorPayload)
    /// A function, class or constant by name.
    case global(PickleGlobal)
    /// An instance of a class that is known by name only: its arguments (nil: made by `__new__`) and state.
    case object(PickleGlobal, arguments: [PickleValue]?, state: PickleValue?)

    package struct Entry: Equatable, Sendable {
        package let key: PickleValue
        package let value: PickleValue

        package init(_ key: PickleValue, _ value: PickleValue) {
            self.key = key
            self.value = value
        }
    }
}

extension PickleValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(floatLiteral value: Double) { self = .float(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(nilLiteral: ()) { self = .none }
    package init(dictionaryLiteral elements: (PickleValue, PickleValue)...) {
        self = .dictionary(elements.map { Entry($0.0, $0.1) })
    }
}

extension PickleValue {
    /// The entries of either kind of dictionary.
    package var entries: [Entry]? {
        switch self {
        case .dictionary(let entries), .ordered(let entries, _): entries
        default: nil
        }
    }

    /// The items of a list, tuple or set.
    package var items: [PickleValue]? {
        switch self {
        case .list(let items), .tuple(let items), .set(let items): items
        default: nil
        }
    }

    /// The value under a key; as in Python, the last one given counts.
    package subscript(key: PickleValue) -> PickleValue? {
        entries?.last { $0.key == key }?.value
    }

    package var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    package var int: Int? {
        guard case .int(let number) = self else { return nil }
        return Int(number)
    }

    /// A float, or an integer as one: Python writes `dampening=0` as an integer.
    package var double: Double? {
        switch self {
        case .float(let number): number
        case .int(let number): Double(number)
        default: nil
        }
    }

    package var bool: Bool? {
        guard case .bool(let flag) = self else { return nil }
        return flag
    }

    package var tensor: TensorPayload? {
        guard case .tensor(let tensor) = self else { return nil }
        return tensor
    }

    /// Whether it is none, a bool, a number or a text.
    package var isPlain: Bool {
        switch self {
        case .none, .bool, .int, .float, .string: true
        default: false
        }
    }

    /// A tensor with a storage of its own.
    package static func dense(_ tensor: DenseTensor) -> PickleValue { .tensor(TensorPayload(tensor)) }
}
