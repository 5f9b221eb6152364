/// What keeps a training from beginning or going on. Each message is one line: what, where, and what to do.
package enum TrainingError: Error, Equatable, CustomStringConvertible {
    /// The network can't name as many classes as the data has.
    case tooFewOutputs(network: Int, data: Int)
    case checkpointDoesNotFit(path: String, problem: String)
    case alreadyTraining(run: String, pid: Int32)
    case finished(run: String, epochs: Int)
    case noCheckpoint(run: String)
    case unwritable(path: String, reason: String)

    package var description: String {
        switch self {
        case .tooFewOutputs(let network, let data):
            "the network has \(network) outputs and the data \(data) classes: give the last layer \(data) outputs"
        case .checkpointDoesNotFit(let path, let problem):
            "\(path): does not fit this experiment: \(problem)"
        case .alreadyTraining(let run, let pid):
            "\(run): an engine is training it already (pid \(pid)): normscope watch \(run) shows it"
        case .finished(let run, let epochs):
            "\(run): all \(epochs) epochs are done: raise epochs in its experiment.yaml to go on"
        case .noCheckpoint(let run):
            "\(run): there is no checkpoint to go on from: start anew with normscope train \(run)/experiment.yaml"
        case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)"
        }
    }
}
