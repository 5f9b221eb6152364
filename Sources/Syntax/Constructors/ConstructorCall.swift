/// A constructor call in PyTorch's notation: `Conv2d(3, 16, kernel_size=3, padding=(1, 1))`, `Linear(16*32*32, 10)`,
/// `Residual([ReLU()])`.
package struct ConstructorCall: Equatable, Sendable {
    package struct Keyword: Equatable, Sendable {
        package let name: String
        package let value: ArgumentValue
    }

    /// The class without its module: `Conv2d` for `torch.nn.Conv2d`.
    package let name: String
    package let positional: [ArgumentValue]
    package let keywords: [Keyword]
    /// The text that was parsed, for messages; of a call that was put together, its description.
    package private(set) var source: String

    /// Parses a whole text; a bare name such as `ReLU` is a call without arguments.
    ///
    /// - Parameter namesAreValues: whether an argument may be a bare name, which then is a call without arguments. A layer
    ///   has no use for one; a text that is only shown may be any Python.
    package init(parsing text: String, namesAreValues: Bool = false) throws(ConstructorError) {
        self = try ConstructorParser.parse(text, namesAreValues: namesAreValues)
    }

    /// A call whose arguments all have names.
    package init(_ name: String, _ keywords: KeyValuePairs<String, ArgumentValue> = [:]) {
        self.init(name, keywords.map { ($0.key, $0.value) })
    }

    package init(_ name: String, _ keywords: [(name: String, value: ArgumentValue)]) {
        self.init(name: name, positional: [], keywords: keywords.map { Keyword(name: $0, value: $1) }, source: "")
        source = description
    }

    init(name: String, positional: [ArgumentValue], keywords: [Keyword], source: String) {
        self.name = name
        self.positional = positional
        self.keywords = keywords
        self.source = source
    }

    package subscript(keyword name: String) -> ArgumentValue? { keywords.first { $0.name == name }?.value }

    /// Two calls are equal if they have the same arguments, however they were written.
    package static func == (a: ConstructorCall, b: ConstructorCall) -> Bool {
        a.name == b.name && a.positional == b.positional && a.keywords == b.keywords
    }
}

extension ConstructorCall: CustomStringConvertible {
    /// The call as Python writes it, which `init(parsing:)` reads back.
    package var description: String {
        PythonLiteral.call(name, positional.map(\.description) + keywords.map { "\($0.name)=\($0.value)" })
    }
}
