/// A layer as text: a name, values by position, values by keyword, such as `Conv2d(3, 16, kernel_size=(3, 3), bias=False)`.
struct ConstructorCall {
    let name: String
    private(set) var positional: [PickleValue] = []
    private(set) var keywords: [(name: String, value: PickleValue)] = []

    /// Nil if the text is no such call.
    init?(_ text: String) {
        let text = text.trimmed
        guard let open = text.firstIndex(of: "("), text.last == ")" else { return nil }
        name = String(text[..<open])
        for argument in Self.parts(text[text.index(after: open)...].dropLast()) {
            guard add(argument.trimmed) else { return nil }
        }
    }

    private mutating func add(_ argument: String) -> Bool {
        if let equals = argument.firstIndex(of: "=") {
            guard let value = Self.value(String(argument[argument.index(after: equals)...]).trimmed) else {
                return false
            }
            keywords.append((String(argument[..<equals]).trimmed, value))
        } else {
            guard let value = Self.value(argument) else { return false }
            positional.append(value)
        }
        return true
    }

    /// Splits at commas outside of parentheses.
    private static func parts(_ text: Substring) -> [String] {
        var parts: [String] = []
        var part = ""
        var depth = 0
        for character in text {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == ",", depth == 0 {
                parts.append(part)
                part = ""
            } else {
                part.append(character)
            }
        }
        return part.trimmed.isEmpty ? parts : parts + [part]
    }

    /// True, False, None, a number, a product of integers, a tuple, or a word.
    private static func value(_ text: String) -> PickleValue? {
        switch text {
        case "True": return true
        case "False": return false
        case "None": return PickleValue.none
        default: break
        }
        if text.hasPrefix("("), text.hasSuffix(")") {
            let items = parts(text.dropFirst().dropLast()).map { value($0.trimmed) }
            return items.contains { $0 == nil } ? nil : .tuple(items.compactMap { $0 })
        }
        if let product = product(text) { return .int(product) }
        if let number = Double(text) { return .float(number) }
        let word = text.trimming("'\"")
        return word.isEmpty ? nil : .string(word)
    }

    private static func product(_ text: String) -> Int64? {
        var product: Int64 = 1
        for factor in text.split(separator: "*", omittingEmptySubsequences: false) {
            guard let number = Int64(String(factor).trimmed) else { return nil }
            let (next, overflow) = product.multipliedReportingOverflow(by: number)
            guard !overflow else { return nil }
            product = next
        }
        return product
    }
}

extension String {
    fileprivate var trimmed: String { trimming(" \t\n") }

    fileprivate func trimming(_ characters: String) -> String {
        var rest = self[...]
        while let first = rest.first, characters.contains(first) { rest.removeFirst() }
        while let last = rest.last, characters.contains(last) { rest.removeLast() }
        return String(rest)
    }
}
