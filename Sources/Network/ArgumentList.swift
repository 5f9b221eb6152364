/// The arguments of a call, matched with the parameters of the constructor it names.
///
/// `parameters` lists the names in PyTorch's order, so that positional arguments find theirs.
struct ArgumentList {
    private let owner: String
    private var values: [String: ArgumentValue] = [:]

    init(_ call: ConstructorCall, _ parameters: [String]) throws(NetworkError) {
        owner = call.name
        guard call.positional.count <= parameters.count else {
            throw .syntax(
                text: call.text,
                problem: "\(call.name) takes at most \(parameters.count) arguments, not \(call.positional.count),")
        }
        for (name, value) in zip(parameters, call.positional) { values[name] = value }
        for (name, value) in call.keyword {
            guard parameters.contains(name) else {
                let nearest = Spelling.nearest(to: name, among: parameters)
                throw .unknownArgument(name, of: owner, nearest: nearest)
            }
            if values[name] != nil { throw .argument(name, of: owner, problem: "is given twice") }
            values[name] = value
        }
    }

    func has(_ name: String) -> Bool { values[name] != nil }

    func value(_ name: String) -> ArgumentValue? { values[name] }

    func wrong(_ name: String, _ expected: String) -> NetworkError {
        let given = values[name].map { "is \($0), but must be " } ?? "is missing: it must be "
        return .argument(name, of: owner, problem: given + expected)
    }

    /// A whole number in a range; without a default the argument is required.
    func integer(_ name: String, default fallback: Int? = nil, in range: ClosedRange<Int>) throws(NetworkError) -> Int {
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
    static let largestSize = 1 << 24

    func number(
        _ name: String, default fallback: Double? = nil, _ expected: String, where isValid: (Double) -> Bool
    ) throws(NetworkError) -> Double {
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

    func boolean(_ name: String, default fallback: Bool) throws(NetworkError) -> Bool {
        switch values[name] {
        case .boolean(let value): return value
        case nil: return fallback
        default: throw wrong(name, "True or False")
        }
    }

    /// One number for all dimensions, or a tuple with one for each.
    func sizes(
        _ name: String, dimensions: Int, default fallback: Int? = nil, atLeast least: Int
    ) throws(NetworkError) -> [Int] {
        let expected =
            dimensions == 1
            ? "a whole number of at least \(least)"
            : "a whole number of at least \(least), or a tuple of \(dimensions)"
        let given: [ArgumentValue]
        switch values[name] {
        case .tuple(let tuple) where tuple.count == dimensions: given = tuple
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
