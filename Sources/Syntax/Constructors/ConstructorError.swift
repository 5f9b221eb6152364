/// An error in a constructor call. Each message is one line: what, where, and what was expected.
package enum ConstructorError: Error, Equatable, CustomStringConvertible {
    /// `Conv2d(3, 16` : the text is no constructor call.
    case syntax(text: String, problem: String)
    /// `Conf2d(…)`, with the nearest name there is.
    case unknownName(kind: String, name: String, nearest: String?)
    /// `Conv2d(3, 16, 3, paddin=1)`
    case unknownArgument(String, of: String, nearest: String?)
    /// `Conv2d(3, 16)`: kernel_size is missing, or a value is out of range, …
    case argument(String, of: String, problem: String)

    package var description: String {
        switch self {
        case .syntax(let text, let problem):
            "\(problem) in '\(text)'"
        case .unknownName(let kind, let name, let nearest):
            "unknown \(kind) '\(name)'" + suggestion(nearest)
        case .unknownArgument(let argument, let owner, let nearest):
            "unknown argument '\(argument)' of \(owner)" + suggestion(nearest)
        case .argument(let argument, let owner, let problem):
            "argument '\(argument)' of \(owner) \(problem)"
        }
    }

    private func suggestion(_ nearest: String?) -> String {
        nearest.map { ": did you mean '\($0)'?" } ?? ""
    }
}
