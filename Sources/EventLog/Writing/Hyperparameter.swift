/// A setting a run was started with, as TensorBoard's HParams page knows them.
package struct Hyperparameter: Equatable, Sendable {
    package enum Value: Equatable, Sendable {
        case number(Double)
        case text(String)
        case flag(Bool)
    }

    package let name: String
    package let value: Value

    package init(_ name: String, _ value: Value) {
        self.name = name
        self.value = value
    }
}

/// The end of a run, as TensorBoard's HParams page knows it.
package enum SessionEnd: Int, Equatable, Sendable {
    case unknown, success, failure, running
}
