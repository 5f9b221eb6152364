/// The arguments of a call, matched with the parameters of the constructor it names.
///
/// `parameters` lists the names in PyTorch's order, so that positional arguments find theirs.
package struct ArgumentList {
    private let owner: String
    private var values: [String: ArgumentValue] = [:]

    package init(_ call: ConstructorCall, _ parameters: [String]) throws(ConstructorError) {
        owner = call.name
        guard call.positional.count <= parameters.count else {
            throw .syntax(
                text: call.source,
                problem: "\(call.name) takes at most \(parameters.count) arguments, not \(call.positional.count),")
        }
        for (name, value) in zip(parameters, call.positional) { values[name] = value }
        for (name, value) in call.keywords.map({ ($0.name, $0.value) }) {
            guard parameters.contains(name) else {
                let nearest = Spelling.nearest(to: name, among: parameters)
                throw .unknownArgument(name, of: owner, nearest: nearest)
            }
            if values[name] != nil { throw .argument(name, of: owner, problem: "is given twice") }
            values[name] = value
        }
    }

    package func has(_ name: String) -> Bool { values[name] != nil }

    package func value(_ name: String) -> ArgumentValue? { values[name] }

    package func wrong(_ name: String, _ expected: String) -> ConstructorError {
        let given = values[name].map { "is \($0), but must be " } ?? "is missing: it must be "
        return .argument(name, of: owner, problem: given + expected)
    }

    /// A whole number in a range; without a default the argument is required.
    package func integer(_ name: String, default fallback: Int? = nil, in range: ClosedRange<Int>)
        throws(ConstructorError) -> Int
    {
        switch values[name] {
        case .integer(let value) where range.contains(value): return value
        case nil:
            if let fallback { return fallback }
            throw wrong(name, Self.words(range))
        default: throw wrong(name, Self.words(range))
        }
    }

    private static func words(_ range: ClosedRange<Int>) -> String {
        if range.upperBound >= largestSize {
            return range.lowerBound < 0 ? "a whole number" : "a whole number of at least \(range.lowerBound)"
        }
        return "a whole number from \(range.lowerBound) to \(range.upperBound)"
    }

    /// Sizes beyond this can't be meant, and products of a few of them still fit into an Int.
    package static let largestSize = 1 << 24

    package func number(
        _ name: String, default fallback: Double? = nil, _ expected: String, where isValid: (Double) -> Bool
    ) throws(ConstructorError) -> Double {
        let value: Double?
        switch values[name] {
        case .integer(let integer): value = Double(integer)
        case .number(let number): value = number
        case nil: value = fallback
        default: value = nil
        }
        guard let value, isValid(value) else { throw wrong(name, expected) }
        return value
    }

    package func boolean(_ name: String, default fallback: Bool) throws(ConstructorError) -> Bool {
        switch values[name] {
        case .boolean(let value): return value
        case nil: return fallback
        default: throw wrong(name, "True or False")
        }
    }

    /// One number for all dimensions, or a tuple or list with one for each.
    package func sizes(
        _ name: String, dimensions: Int, default fallback: Int? = nil, atLeast least: Int
    ) throws(ConstructorError) -> [Int] {
        let expected =
            dimensions == 1
            ? "a whole number of at least \(least)"
            : "a whole number of at least \(least), or a tuple of \(dimensions)"
        let given: [ArgumentValue]
        switch values[name] {
        case .tuple(let items) where items.count == dimensions, .list(let items) where items.count == dimensions:
            given = items
        case .integer(let value): given = Array(repeating: .integer(value), count: dimensions)
        case nil:
            guard let fallback else { throw wrong(name, expected) }
            given = Array(repeating: .integer(fallback), count: dimensions)
        default: throw wrong(name, expected)
        }
        var sizes: [Int] = []
        for value in given {
            guard case .integer(let size) = value, (least...Self.largestSize).contains(size) else {
                throw wrong(name, expected)
            }
            sizes.append(size)
        }
        return sizes
    }
}
