/// The value of an argument in a constructor call.
package enum ArgumentValue: Equatable, Sendable {
    case integer(Int)
    case number(Double)
    case boolean(Bool)
    case none
    case string(String)
    case tuple([ArgumentValue])
    case list([ArgumentValue])
    case call(ConstructorCall)

    /// A tuple of integers, such as a kernel's sizes.
    package static func sizes(_ sizes: [Int]) -> ArgumentValue { .tuple(sizes.map(ArgumentValue.integer)) }

    /// The items of a tuple or a list, which PyTorch takes for each other.
    package var items: [ArgumentValue]? {
        switch self {
        case .tuple(let items), .list(let items): items
        default: nil
        }
    }
}

extension ArgumentValue: CustomStringConvertible {
    /// The value as Python's `repr` writes it.
    package var description: String {
        switch self {
        case .integer(let value): "\(value)"
        case .number(let value): PythonLiteral.number(value)
        case .boolean(let value): PythonLiteral.boolean(value)
        case .none: PythonLiteral.none
        case .string(let value): PythonLiteral.string(value)
        case .tuple(let values): PythonLiteral.tuple(values.map(\.description))
        case .list(let values): PythonLiteral.list(values.map(\.description))
        case .call(let call): call.description
        }
    }
}
