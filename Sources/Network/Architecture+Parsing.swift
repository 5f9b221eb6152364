extension Architecture.Module {
    /// A module as an experiment writes it: one of PyTorch's constructors, or
    /// `Residual([Conv2d(…), BatchNorm2d(…)], shortcut=[Conv2d(…)])`, whose lists are modules again.
    package init(parsing text: String) throws(NetworkError) {
        let source = ModuleText(text)
        guard source.name == "Residual" else {
            self = .layer(try Layer(parsing: text))
            return
        }
        var lists: [String: [Architecture.Module]] = [:]
        for (position, argument) in try source.arguments().enumerated() {
            let (name, value) = ModuleText.named(argument)
            let key = name ?? (position == 0 ? "body" : "shortcut")
            guard key == "body" || key == "shortcut" else {
                let nearest = Spelling.nearest(to: key, among: ["body", "shortcut"])
                throw .unknownArgument(key, of: "Residual", nearest: nearest)
            }
            var modules: [Architecture.Module] = []
            for item in try ModuleText.items(of: value) { modules.append(try Architecture.Module(parsing: item)) }
            lists[key] = modules
        }
        guard let body = lists["body"], !body.isEmpty else {
            throw .argument("body", of: "Residual", problem: "is missing: expected a list, as in Residual([ReLU()])")
        }
        self = .residual(body: body, shortcut: lists["shortcut"] ?? [])
    }
}

/// The outside of a constructor whose arguments may hold constructors.
private struct ModuleText {
    private let text: Substring

    init(_ text: String) {
        self.text = Self.trimmed(text[...])
    }

    /// What stands before the first parenthesis.
    var name: Substring { Self.trimmed(text.prefix { $0 != "(" }) }

    func arguments() throws(NetworkError) -> [Substring] {
        guard text.last == ")", let open = text.firstIndex(of: "(") else {
            throw .syntax(text: String(text), problem: "a parenthesis is missing")
        }
        return try Self.split(text[text.index(after: open)...].dropLast())
    }

    /// `shortcut=[…]`: the name and the value; no name where there is no `=` outside of brackets.
    static func named(_ argument: Substring) -> (name: String?, value: Substring) {
        guard let sign = argument.firstIndex(where: { "=([".contains($0) }), argument[sign] == "=" else {
            return (nil, argument)
        }
        return (String(trimmed(argument[..<sign])), trimmed(argument[argument.index(after: sign)...]))
    }

    static func items(of list: Substring) throws(NetworkError) -> [String] {
        guard list.first == "[", list.last == "]" else {
            throw .syntax(text: String(list), problem: "expected a list of layers in [ ]")
        }
        return try split(list.dropFirst().dropLast()).map(String.init)
    }

    /// The parts between commas that stand outside of all brackets.
    private static func split(_ text: Substring) throws(NetworkError) -> [Substring] {
        var parts: [Substring] = []
        var depth = 0
        var start = text.startIndex
        for index in text.indices {
            switch text[index] {
            case "(", "[": depth += 1
            case ")", "]": depth -= 1
            case "," where depth == 0:
                parts.append(trimmed(text[start..<index]))
                start = text.index(after: index)
            default: break
            }
            if depth < 0 { break }
        }
        guard depth == 0 else { throw .syntax(text: String(text), problem: "brackets do not match") }
        return (parts + [trimmed(text[start...])]).filter { !$0.isEmpty }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
