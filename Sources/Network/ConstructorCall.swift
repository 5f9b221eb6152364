/// A constructor call as PyTorch's users write it: `Conv2d(3, 16, kernel_size=3, padding=(1, 1))`, `Linear(16*32*32, 10)`.
struct ConstructorCall: Equatable, Sendable {
    let name: String
    let positional: [ArgumentValue]
    let keyword: [(name: String, value: ArgumentValue)]
    let text: String

    static func == (a: ConstructorCall, b: ConstructorCall) -> Bool { a.text == b.text }

    /// Reads a whole text; a bare name such as `ReLU` is a call without arguments.
    init(parsing text: String) throws(NetworkError) {
        var scanner = CallScanner(text)
        name = try scanner.name()
        var positional: [ArgumentValue] = [], keyword: [(name: String, value: ArgumentValue)] = []
        if scanner.take("(") {
            while !scanner.take(")") {
                if let key = scanner.keyword() {
                    if keyword.contains(where: { $0.name == key }) {
                        throw .argument(key, of: name, problem: "is given twice")
                    }
                    keyword.append((key, try scanner.value()))
                } else if keyword.isEmpty {
                    positional.append(try scanner.value())
                } else {
                    throw scanner.error("a positional argument follows a keyword argument")
                }
                if !scanner.take(",") && !scanner.isNext(")") { throw scanner.error("expected ',' or ')'") }
            }
        }
        guard scanner.isAtEnd else { throw scanner.error("unexpected text after the call") }
        self.positional = positional
        self.keyword = keyword
        self.text = text
    }
}

/// A value in a constructor call, in Python's spelling.
enum ArgumentValue: Equatable, Sendable, CustomStringConvertible {
    case integer(Int)
    case number(Double)
    case boolean(Bool)
    case none
    case string(String)
    case tuple([ArgumentValue])

    var description: String {
        switch self {
        case .integer(let value): "\(value)"
        case .number(let value): PythonNumber.text(value)
        case .boolean(let value): value ? "True" : "False"
        case .none: "None"
        case .string(let value): "'\(value)'"
        case .tuple(let values):
            "(" + values.map(\.description).joined(separator: ", ") + (values.count == 1 ? ",)" : ")")
        }
    }
}

/// Numbers as Python's `repr` writes them, which is what print(net) and option texts show.
enum PythonNumber {
    static func text(_ value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        return "\(value)"
    }
}

/// Reads tokens off the front of a call.
private struct CallScanner {
    private let text: String
    private let characters: [Character]
    private var position = 0
    private var depth = 0

    init(_ text: String) {
        self.text = text
        characters = Array(text)
        skipSpace()
    }

    var isAtEnd: Bool { position >= characters.count }

    func error(_ problem: String) -> NetworkError {
        .syntax(text: text, problem: isAtEnd ? problem + " at the end" : problem + " at '\(rest)'")
    }

    private var rest: String { String(characters[position...].prefix(12)) }

    func isNext(_ character: Character) -> Bool { !isAtEnd && characters[position] == character }

    mutating func take(_ character: Character) -> Bool {
        guard isNext(character) else { return false }
        position += 1
        skipSpace()
        return true
    }

    private mutating func skipSpace() {
        while !isAtEnd && characters[position].isWhitespace { position += 1 }
    }

    private mutating func word(_ allowed: (Character) -> Bool) -> String {
        let start = position
        while !isAtEnd && allowed(characters[position]) { position += 1 }
        let word = String(characters[start..<position])
        skipSpace()
        return word
    }

    private static func isNameCharacter(_ character: Character) -> Bool {
        character == "_" || character == "." || (character.isASCII && (character.isLetter || character.isNumber))
    }

    /// The constructor's name; `nn.Conv2d` and `torch.nn.Conv2d` are `Conv2d`.
    mutating func name() throws(NetworkError) -> String {
        let name = word(Self.isNameCharacter).split(separator: ".").last.map(String.init) ?? ""
        guard let first = name.first, !first.isNumber else { throw error("expected a name") }
        return name
    }

    /// `padding=` ahead of a value, or nil.
    mutating func keyword() -> String? {
        let start = position
        let name = word(Self.isNameCharacter)
        if let first = name.first, first.isLetter || first == "_", take("=") { return name }
        position = start
        return nil
    }

    mutating func value() throws(NetworkError) -> ArgumentValue {
        var value = try factor()
        while take("*") { value = try product(value, try factor()) }
        return value
    }

    private func product(_ a: ArgumentValue, _ b: ArgumentValue) throws(NetworkError) -> ArgumentValue {
        guard case .integer(let x) = a, case .integer(let y) = b else { throw error("only integers are multiplied") }
        let (value, overflow) = x.multipliedReportingOverflow(by: y)
        if overflow { throw error("a product is too large") }
        return .integer(value)
    }

    private mutating func factor() throws(NetworkError) -> ArgumentValue {
        if isAtEnd { throw error("expected a value") }
        if isNext("(") || isNext("[") { return try tuple() }
        if isNext("'") || isNext("\"") { return try string() }
        if characters[position].isLetter { return try constant() }
        return try number()
    }

    private mutating func tuple() throws(NetworkError) -> ArgumentValue {
        depth += 1
        if depth > 8 { throw error("parentheses are nested too deeply") }
        defer { depth -= 1 }
        let close: Character = take("(") ? ")" : "]"
        if close == "]" { _ = take("[") }
        var values: [ArgumentValue] = [], isTuple = close == "]"
        while !take(close) {
            values.append(try value())
            if take(",") {
                isTuple = true
            } else if !isNext(close) {
                throw error("expected ',' or '\(close)'")
            }
        }
        return values.count == 1 && !isTuple ? values[0] : .tuple(values)
    }

    private mutating func string() throws(NetworkError) -> ArgumentValue {
        let quote = characters[position]
        guard let end = characters[(position + 1)...].firstIndex(of: quote) else {
            throw error("a quote is not closed")
        }
        let value = String(characters[(position + 1)..<end])
        position = end + 1
        skipSpace()
        return .string(value)
    }

    private mutating func constant() throws(NetworkError) -> ArgumentValue {
        let start = position
        switch word(Self.isNameCharacter) {
        case "True", "true": return .boolean(true)
        case "False", "false": return .boolean(false)
        case "None", "null": return .none
        default:
            position = start
            throw error("expected a value (a number, True, False, None or a tuple)")
        }
    }

    private mutating func number() throws(NetworkError) -> ArgumentValue {
        let start = position
        let sign = take("-") ? "-" : (take("+") ? "" : "")
        var digits = word { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "_" || $0 == "e" || $0 == "E") }
        if digits.lowercased().hasSuffix("e"), isNext("-") || isNext("+") {
            digits.append(characters[position])
            position += 1
            digits += word { $0.isASCII && $0.isNumber }
        }
        let plain = sign + digits.filter { $0 != "_" }
        if let integer = Int(plain) { return .integer(integer) }
        if let number = Double(plain), number.isFinite { return .number(number) }
        position = start
        throw error("expected a value (a number, True, False, None or a tuple)")
    }
}
