/// An error that keeps a training from beginning or going on. Each message is one line: what, where, and what to do.
package enum TrainingError: Error, Equatable, CustomStringConvertible {
    /// The network can't name as many classes as the data has.
    case tooFewOutputs(network: Int, data: Int)
    case checkpointDoesNotFit(path: String, problem: String)
    case finished(run: String, epochs: Int)

    package var description: String {
        switch self {
        case .tooFewOutputs(let network, let data):
            "the network has \(network) outputs and the data \(data) classes: give the last layer \(data) outputs"
        case .checkpointDoesNotFit(let path, let problem):
            "\(path): does not fit this experiment: \(problem)"
        case .finished(let run, let epochs):
            "\(run): all \(epochs) epochs are done: raise epochs in its experiment.yaml to go on"
        }
    }
}
