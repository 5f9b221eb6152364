import EventLog
import Network
import Runs

/// A recorder of what a training step yields: it writes to the run's event log, under the tags that the dashboard reads.
///
/// Scalars go in every step. A normalization layer's channels go in as often as `interval` allows, ten times a second at
/// the beginning and once a second in a long run, and histograms once a second, so that a log of hours stays readable.
struct RunRecorder {
    private static let flushInterval = 0.15
    private static let parameterInterval = 1.0
    private static let loadInterval = 1.0

    private let writer: EventWriter
    private let startedAt: Double
    private var flushedAt = 0.0
    private var layersWrittenAt = 0.0
    private var parametersWrittenAt = 0.0
    private var hasWrittenConstants = false
    private var throughput = Throughput()
    private var load = SystemLoad()
    private var loadWrittenAt: Double

    /// - Parameter restartStep: for a resumed run: what earlier files hold from this step on is void.
    init(directory: String, startedAt: Double, restartStep: Int64?) throws(EventLogError) {
        writer = try EventWriter(directory: directory, startedAt: startedAt, restartStep: restartStep)
        self.startedAt = startedAt
        loadWrittenAt = startedAt
    }

    /// Records the load of the machine, where that is due.
    mutating func system(step: Int64, at time: Double) {
        guard time - loadWrittenAt >= Self.loadInterval else { return }
        loadWrittenAt = time
        for (tag, value) in load.sample() { writer.scalar(tag, step: step, value: Float(value), wallTime: time) }
    }

    /// Seconds between two records of the normalization layers: a three-hundredth of the run's age.
    private func interval(at time: Double) -> Double {
        min(max(0.1, (time - startedAt) / 300), 1)
    }

    mutating func step(_ result: StepResult, step: Int64, learningRate: Double, at time: Double) {
        writer.scalar(Tag.trainLoss, step: step, value: Float(result.loss), wallTime: time)
        let accuracy = Float(result.correct) / Float(max(result.count, 1))
        writer.scalar(Tag.trainAccuracy, step: step, value: accuracy, wallTime: time)
        writer.scalar(Tag.learningRate, step: step, value: Float(learningRate), wallTime: time)
        throughput.add(images: result.count, at: time)
        if let rate = throughput.imagesPerSecond {
            writer.scalar(Tag.imagesPerSecond, step: step, value: Float(rate), wallTime: time)
        }
    }

    /// Steps a second at present, if known.
    var stepsPerSecond: Double? { throughput.stepsPerSecond }

    /// The training stands still: the time until it goes on does not count as speed.
    mutating func rest() { throughput.rest() }

    func validation(_ result: Validation, step: Int64, at time: Double) {
        writer.scalar(Tag.validationLoss, step: step, value: Float(result.loss), wallTime: time)
        writer.scalar(Tag.validationAccuracy, step: step, value: Float(result.accuracy), wallTime: time)
    }

    /// What the run was asked to do, for TensorBoard's HParams page: of the experiment, without the network's layers,
    /// which would be as many columns, and without what says where things lie and how fast to show them.
    func settings(_ experiment: Experiment, at time: Double) {
        let kept = RunSettings.list(yaml: experiment.yaml()).filter { setting in
            !Self.unlisted.contains { setting.name == $0 || setting.name.hasPrefix($0 + ".") }
        }
        writer.hyperparameters(kept, wallTime: time)
    }

    private static let unlisted = ["name", "model", "data.path", "pace", "checkpoint"]

    /// How the training ended, for the same page: `unknown` where it was stopped before its last epoch, which is
    /// neither a success nor a failure; `running` where it goes on after such an end.
    func ended(_ end: SessionEnd, at time: Double) { writer.sessionEnd(end, wallTime: time) }

    /// Records a command that was carried out, for charts to mark where it happened.
    func control(_ text: String, step: Int64, at time: Double) {
        writer.text(Tag.control, step: step, text, wallTime: time)
    }

    /// Records the normalization layers and the parameters, where that is due, or `always`.
    mutating func network(_ network: Network, step: Int64, at time: Double, always: Bool = false) {
        if always || time - layersWrittenAt >= interval(at: time) {
            layersWrittenAt = time
            for layer in network.normalizationLayers { record(layer, of: network, step: step, at: time) }
            hasWrittenConstants = true
        }
        if always || time - parametersWrittenAt >= Self.parameterInterval {
            parametersWrittenAt = time
            recordParameters(of: network, step: step, at: time)
        }
    }

    /// Records a layer's momentum, which someone changed.
    func momentum(_ momentum: Double?, of layer: String, step: Int64, at time: Double) {
        let values = [momentum.map(Float.init) ?? .nan]
        writer.tensor(Tag.normalization(layer, .momentum), step: step, values: values, wallTime: time)
    }

    private func record(_ layer: String, of network: Network, step: Int64, at time: Double) {
        guard let state = network.normalization(of: layer) else { return }
        func record(_ quantity: LoggedLayer.Quantity, _ values: [Float]) {
            writer.tensor(Tag.normalization(layer, quantity), step: step, values: values, wallTime: time)
        }
        func record(_ fact: LoggedLayer.Fact, _ value: Float) {
            writer.tensor(Tag.normalization(layer, fact), step: step, values: [value], wallTime: time)
        }
        record(.batchMean, state.batchMean)
        record(.batchVariance, state.batchVariance)
        if state.tracksStatistics {
            record(.runningMean, state.runningMean)
            record(.runningVariance, state.runningVariance)
            record(.batchesTracked, Float(state.numBatchesTracked))
        }
        if !hasWrittenConstants {
            momentum(state.momentum, of: layer, step: step, at: time)
            record(.epsilon, Float(state.epsilon))
        }
        if let weight = state.weight { record(.weight, weight) }
        if let bias = state.bias { record(.bias, bias) }
    }

    private func recordParameters(of network: Network, step: Int64, at time: Double) {
        let names = Set(network.parameterNames)
        for parameter in network.stateDictionary() where names.contains(parameter.name) {
            writer.histogram(parameter.name, step: step, Histogram(of: parameter.tensor.floats), wallTime: time)
        }
    }

    /// Flushes if a flush is due: at least five times a second while steps are taken.
    mutating func flushIfDue(at time: Double) throws(EventLogError) {
        guard time - flushedAt >= Self.flushInterval else { return }
        try flush(at: time)
    }

    mutating func flush(at time: Double) throws(EventLogError) {
        flushedAt = time
        try writer.flush()
    }
}
