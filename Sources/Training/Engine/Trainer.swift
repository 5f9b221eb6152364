import Checkpoints
import Datasets
import Network
import Runs
import Tensors

/// The position of a training in its experiment.
package struct Position: Equatable, Sendable {
    /// Epochs completed; the one under way is number `epoch` counting from 0.
    package var epoch = 0
    /// Batches of this epoch already done.
    package var batch = 0
    /// Batches done in all.
    package var step: Int64 = 0
}

/// The training of an experiment: it takes steps, validates, and can be written to a checkpoint and restored from one.
///
/// It knows nothing of files, commands or time; `Engine` does. Restored from a checkpoint it goes on bit for bit as if it
/// had never stopped: the order of an epoch's images depends only on the seed and the epoch's number.
package final class Trainer {
    package let experiment: Experiment
    package let network: Network
    package private(set) var position = Position()
    /// The learning rate that the schedule starts from; changed when someone sets it.
    package private(set) var baseLearningRate: Double

    /// The momentums that someone set, by layer.
    private(set) var setMomentums: [String: Double?] = [:]

    let schedule: ScheduleDefinition
    let optimizer: OptimizerDefinition
    package let stepsPerEpoch: Int
    private let data: DataSplits
    /// Training batches, prepared ahead of us; made anew when the position is set.
    private var stream: BatchStream
    private let validationFiller: BatchFiller
    private let validationSampler: BatchSampler
    private let validationBatch: Batch

    /// Reads the data and builds the network; `threads` kernels work at a time.
    package init(_ experiment: Experiment, threads: Int) throws {
        let plan = try TrainingPlan(experiment)
        self.experiment = experiment
        schedule = plan.schedule
        optimizer = plan.optimizer
        baseLearningRate = plan.optimizer.learningRate
        data = try DataSplits.load(plan.data)
        network = try Network(
            plan.architecture, input: data.train.dimensions, batchCapacity: experiment.batchSize,
            optimizer: plan.optimizer, threads: threads, seed: experiment.seed,
            labelSmoothing: experiment.labelSmoothing, gradientClip: experiment.clipGradNorm,
            convolution: experiment.convolution)
        try TrainingPlan.check(outputs: network.classes, classes: data.train.classes)
        stepsPerEpoch = (data.train.count + experiment.batchSize - 1) / experiment.batchSize
        stream = Self.stream(experiment, data.train, network.imageLayout, from: Position())
        validationFiller = BatchFiller(data.test)
        validationSampler = BatchSampler(
            count: data.test.count, batchSize: experiment.batchSize, seed: experiment.seed, shuffle: false)
        validationBatch = network.makeBatch()
    }

    private static func stream(
        _ experiment: Experiment, _ images: ImageDataset, _ layout: PlanarLayout, from position: Position
    ) -> BatchStream {
        BatchStream(
            images, layout: layout, batchSize: experiment.batchSize, seed: experiment.seed,
            shuffle: experiment.data.shuffle, epoch: position.epoch, number: position.batch)
    }

    package var totalSteps: Int64 { Int64(stepsPerEpoch) * Int64(experiment.epochs) }
    package var isFinished: Bool { position.epoch >= experiment.epochs }

    /// The learning rate of the next step.
    package var learningRate: Double { scheduled(base: baseLearningRate) }

    /// Makes `rate` the learning rate of the next step and scales the rest of the schedule with it.
    package func setLearningRate(_ rate: Double) {
        // Every schedule is a straight line in its base rate.
        let offset = scheduled(base: 0)
        let slope = scheduled(base: 1) - offset
        baseLearningRate = slope > 0 ? (rate - offset) / slope : rate
    }

    /// Makes `momentum` that of a normalization layer from the next step on; nil is the mean of all batches.
    package func setMomentum(_ momentum: Double?, of layer: String) {
        setMomentums[layer] = .some(momentum)
        network.setMomentum(momentum, of: layer)
    }

    private func scheduled(base: Double) -> Double {
        schedule.learningRate(
            base: base, epoch: min(position.epoch, experiment.epochs - 1), epochs: experiment.epochs,
            step: Int(position.step), stepsPerEpoch: stepsPerEpoch)
    }

    /// One training step on the next batch.
    ///
    /// A batch whose loss or statistics are not finite changes neither parameters nor statistics; it is passed over, and
    /// the result says where it went wrong.
    package func step() -> StepResult {
        precondition(!isFinished, "no batch is left")
        let result = network.train(on: stream.next().batch, learningRate: learningRate)
        advance()
        return result
    }

    /// Whether the step just taken was the last of its epoch.
    package var isAtEpochEnd: Bool { position.batch == 0 && position.step > 0 }

    /// Puts the training where it was when a checkpoint was written; parameters are the network's own affair.
    func move(to position: Position, baseLearningRate: Double) {
        self.position = position
        self.baseLearningRate = baseLearningRate
        stream = Self.stream(experiment, data.train, network.imageLayout, from: position)
    }

    private func advance() {
        position.step += 1
        position.batch += 1
        guard position.batch == stepsPerEpoch else { return }
        position.batch = 0
        position.epoch += 1
    }

    /// Loss and accuracy over all validation images, in evaluation mode unless asked otherwise.
    package func validate(statistics: EvaluationStatistics = .running) -> Validation {
        validate(statistics: statistics) { _ in }
    }

    /// - Parameter progress: told after every batch how many images are done; what it throws ends the evaluation.
    package func validate(
        statistics: EvaluationStatistics = .running, progress: (_ images: Int) throws -> Void
    ) rethrows -> Validation {
        var result = Validation()
        for number in 0..<validationSampler.batchCount {
            validationFiller.fill(validationBatch, with: validationSampler.batch(number))
            let part = network.evaluate(validationBatch, statistics: statistics)
            result.add(lossSum: part.lossSum, correct: part.correct, count: part.count)
            try progress(result.count)
        }
        return result
    }

    /// The same in evaluation mode, with a record of what was seen.
    func validateAndRecord() -> (Validation, EvaluationRecord) {
        var recorder = ValidationRecorder(classes: network.classes)
        var number = 0
        let result = validate { _ in
            recorder.add(validationSampler.batch(number), of: data.test, network)
            number += 1
        }
        return (result, recorder.record(of: data.test, network, step: Int(position.step)))
    }

    package var validationCount: Int { data.test.count }
}

/// Loss and accuracy over a set of images.
package struct Validation: Equatable, Sendable {
    package private(set) var lossSum = 0.0
    package private(set) var correct = 0
    package private(set) var count = 0

    /// Mean loss an image.
    package var loss: Double { lossSum / Double(max(count, 1)) }
    /// Fraction of the images that the network names rightly.
    package var accuracy: Double { Double(correct) / Double(max(count, 1)) }

    mutating func add(lossSum: Double, correct: Int, count: Int) {
        self.lossSum += lossSum
        self.correct += correct
        self.count += count
    }
}
