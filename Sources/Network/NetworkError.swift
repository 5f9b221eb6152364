/// An error in how a network is put together, or a state that doesn't belong to it. Each message is one line: what, where,
/// and what was expected.
package enum NetworkError: Error, Equatable, CustomStringConvertible {
    /// A layer that doesn't fit what comes before it.
    case shape(layer: String, problem: String)
    /// A network that can't be trained as it stands.
    case structure(String)
    /// State: missing, unexpected and misshapen entries.
    case state(String)

    package var description: String {
        switch self {
        case .shape(let layer, let problem):
            "\(layer): \(problem)"
        case .structure(let problem), .state(let problem):
            problem
        }
    }
}
