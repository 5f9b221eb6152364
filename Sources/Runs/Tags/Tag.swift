/// The tags of a run's event log: the names under which an engine writes and a screen reads.
///
/// They are part of the run directory's protocol. Other programs have names of their own for the same things:
/// `ScalarRole` and `LayerTag` know those.
package enum Tag {
    package static let trainLoss = "train/loss"
    package static let trainAccuracy = "train/accuracy"
    package static let gradientNorm = "train/grad_norm"
    package static let validationLoss = "val/loss"
    package static let validationAccuracy = "val/accuracy"
    package static let learningRate = "lr"
    package static let imagesPerSecond = "throughput/images_per_second"
    package static let stepsPerSecond = "throughput/steps_per_second"
    /// Texts: the commands that were carried out, with what they did.
    package static let control = "control"

    /// What the tags of normalization layers begin with.
    static let normalizationGroup = "batchnorm/"
    /// What stands before a statistic that each of the processes has its own of.
    static let ranksPrefix = "ranks_"

    /// `batchnorm/layer1.1/running_mean`: a value a channel.
    package static func normalization(_ layer: String, _ quantity: LoggedLayer.Quantity) -> String {
        "\(normalizationGroup)\(layer)/\(quantity.rawValue)"
    }

    /// `batchnorm/layer1.1/momentum`: a single number.
    package static func normalization(_ layer: String, _ fact: LoggedLayer.Fact) -> String {
        "\(normalizationGroup)\(layer)/\(fact.rawValue)"
    }

    /// The load of the machine and of the process that trains.
    package enum System {
        package static let group = "system/"
        /// Of all processors together, 0…100.
        package static let processors = group + "cpu_percent"
        /// Of one processor: a process with two busy threads has 200.
        package static let processProcessors = group + "process_cpu_percent"
        package static let memory = group + "memory_percent"
        package static let processMemory = group + "process_memory_mib"
        /// What the tags of GPUs begin with, before their numbers.
        package static let gpuPrefix = group + "gpu."

        /// `system/gpu.0.power_watts`.
        package static func gpu(_ number: Int, _ quantity: String) -> String { "\(gpuPrefix)\(number).\(quantity)" }
    }
}
