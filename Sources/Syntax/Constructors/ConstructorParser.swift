/// A recursive-descent parser of constructor calls:
///
///     call      = name [ "(" [ arguments ] ")" ]
///     arguments = argument { "," argument } [ "," ]
///     argument  = [ name "=" ] value
///     value     = factor { "*" factor }
///     factor    = number | string | True | False | None | call | "(" values ")" | "[" values "]"
///
/// A call among the values has parentheses; in a list, which may be one of layers, it needs none.
struct ConstructorParser {
    private static let deepestBracket = 8
    private static let deepestCall = 32

    private let text: String
    private let characters: [Character]
    private let namesAreValues: Bool
    private var position = 0
    /// Brackets around the value at hand, within the innermost call.
    private var brackets = 0
    private var calls = 0

    static func parse(_ text: String, namesAreValues: Bool) throws(ConstructorError) -> ConstructorCall {
        var parser = ConstructorParser(text, namesAreValues: namesAreValues)
        let call = try parser.call()
        guard parser.isAtEnd else { throw parser.error("unexpected text after the call") }
        return ConstructorCall(
            name: call.name, positional: call.positional, keywords: call.keywords, source: text)
    }

    private init(_ text: String, namesAreValues: Bool) {
        self.text = text
        self.namesAreValues = namesAreValues
        characters = Array(text)
        skipSpace()
    }

    // MARK: - Characters and words

    private var isAtEnd: Bool { position >= characters.count }

    private func error(_ problem: String) -> ConstructorError {
        .syntax(text: text, problem: isAtEnd ? problem + " at the end" : problem + " at '\(rest)'")
    }

    private var rest: String { String(characters[position...].prefix(12)) }

    private func isNext(_ character: Character) -> Bool { !isAtEnd && characters[position] == character }

    private mutating func take(_ character: Character) -> Bool {
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

    // MARK: - Calls

    private mutating func call() throws(ConstructorError) -> ConstructorCall {
        let start = position, outerBrackets = brackets
        calls += 1
        if calls > Self.deepestCall { throw error("calls are nested too deeply") }
        brackets = 0
        defer { (calls, brackets) = (calls - 1, outerBrackets) }
        let name = try name()
        var positional: [ArgumentValue] = [], keywords: [ConstructorCall.Keyword] = []
        if take("(") {
            while !take(")") {
                try argument(of: name, &positional, &keywords)
                try separator(before: ")")
            }
        }
        return ConstructorCall(name: name, positional: positional, keywords: keywords, source: source(from: start))
    }

    /// What was read since `start`, without the space behind it.
    private func source(from start: Int) -> String {
        var text = characters[start..<position]
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    /// The constructor's name; `nn.Conv2d` and `torch.nn.Conv2d` are `Conv2d`.
    private mutating func name() throws(ConstructorError) -> String {
        let name = word(Self.isNameCharacter).split(separator: ".").last.map(String.init) ?? ""
        guard let first = name.first, !first.isNumber else { throw error("expected a name") }
        return name
    }

    private mutating func argument(
        of owner: String, _ positional: inout [ArgumentValue], _ keywords: inout [ConstructorCall.Keyword]
    ) throws(ConstructorError) {
        if let name = keyword() {
            if keywords.contains(where: { $0.name == name }) {
                throw .argument(name, of: owner, problem: "is given twice")
            }
            keywords.append(.init(name: name, value: try value()))
        } else if keywords.isEmpty {
            positional.append(try value())
        } else {
            throw error("a positional argument follows a keyword argument")
        }
    }

    /// `padding=` ahead of a value, or nil.
    private mutating func keyword() -> String? {
        let start = position
        let name = word(Self.isNameCharacter)
        if let first = name.first, first.isLetter || first == "_", take("=") { return name }
        position = start
        return nil
    }

    /// Takes a comma; says what is wrong if neither that nor `close` follows.
    ///
    /// - Returns: whether there was a comma.
    @discardableResult
    private mutating func separator(before close: Character) throws(ConstructorError) -> Bool {
        if take(",") { return true }
        if isNext(close) { return false }
        let isMismatch = isNext(")") || isNext("]") || (isAtEnd && close == "]")
        throw error(isMismatch ? "brackets do not match" : "expected ',' or '\(close)'")
    }

    // MARK: - Values

    private mutating func value(inList: Bool = false) throws(ConstructorError) -> ArgumentValue {
        var value = try factor(inList: inList)
        while take("*") {
            let start = position
            let factor = try factor(inList: inList)
            value = try product(value, factor, writtenAt: start)
        }
        return value
    }

    private mutating func product(
        _ a: ArgumentValue, _ b: ArgumentValue, writtenAt start: Int
    ) throws(ConstructorError) -> ArgumentValue {
        guard case .integer(let x) = a, case .integer(let y) = b else {
            position = start
            throw error("only integers are multiplied")
        }
        let (value, overflow) = x.multipliedReportingOverflow(by: y)
        if overflow {
            position = start
            throw error("a product is too large")
        }
        return .integer(value)
    }

    private mutating func factor(inList: Bool) throws(ConstructorError) -> ArgumentValue {
        if isAtEnd { throw error("expected a value") }
        switch characters[position] {
        case "(":
            let (items, hasComma) = try items(until: ")")
            return items.count == 1 && !hasComma ? items[0] : .tuple(items)
        case "[": return .list(try items(until: "]").items)
        case "'", "\"": return try string()
        case let first where first.isLetter || first == "_": return try constantOrCall(inList: inList)
        default: return try number()
        }
    }

    /// The values in brackets; a comma makes a tuple of a single one.
    private mutating func items(
        until close: Character
    ) throws(ConstructorError) -> (items: [ArgumentValue], hasComma: Bool) {
        brackets += 1
        if brackets > Self.deepestBracket { throw error("parentheses are nested too deeply") }
        defer { brackets -= 1 }
        _ = take("(") || take("[")
        var values: [ArgumentValue] = [], hasComma = false
        while !take(close) {
            values.append(try value(inList: close == "]"))
            if try separator(before: close) { hasComma = true }
        }
        return (values, hasComma)
    }

    private mutating func string() throws(ConstructorError) -> ArgumentValue {
        let quote = characters[position]
        guard let end = characters[(position + 1)...].firstIndex(of: quote) else {
            throw error("a quote is not closed")
        }
        let value = String(characters[(position + 1)..<end])
        position = end + 1
        skipSpace()
        return .string(value)
    }

    private mutating func constantOrCall(inList: Bool) throws(ConstructorError) -> ArgumentValue {
        let start = position
        switch word(Self.isNameCharacter) {
        case "True", "true": return .boolean(true)
        case "False", "false": return .boolean(false)
        case "None", "null": return .none
        default:
            let isCall = isNext("(") || inList || namesAreValues
            position = start
            guard isCall else { throw expectedValue }
            return .call(try call())
        }
    }

    private var expectedValue: ConstructorError {
        error("expected a value (a number, True, False, None or a tuple)")
    }

    private mutating func number() throws(ConstructorError) -> ArgumentValue {
        let start = position
        let sign = take("-") ? "-" : ""
        if sign.isEmpty { _ = take("+") }
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
        throw expectedValue
    }
}
