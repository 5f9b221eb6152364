import Tensors
import Threads

/// A network with weights, on images of one size: trains and evaluates batches on a team of threads.
///
/// The same seed and the same batches give the same bits whatever the number of threads: work is divided, and sums are
/// ordered, by the batch's size alone. All memory is taken at the start, for batches of up to `batchCapacity` images.
///
/// Not for use by several threads at once.
package final class Network {
    package let architecture: Architecture
    package let input: ImageShape
    package let optimizer: OptimizerDefinition
    package let batchCapacity: Int
    /// The number of outputs for an image.
    package let classes: Int

    let store: ParameterStore
    let plan: any ExecutionPlan
    let update: ParameterUpdate

    /// - Parameters:
    ///   - threads: how many work together; never more than eight do.
    ///   - seed: of the initial weights, which are drawn as PyTorch's defaults are (not the same numbers).
    ///   - labelSmoothing: CrossEntropyLoss's, 0…1.
    ///   - gradientClip: the norm that all gradients together are scaled down to, as clip_grad_norm_ does.
    ///   - convolution: how 3×3 convolutions are computed; see `ConvolutionMethod`.
    /// - Throws: which layer doesn't fit what comes before it, what came, and what was expected.
    package convenience init(
        _ architecture: Architecture, input: ImageShape, batchCapacity: Int, optimizer: OptimizerDefinition,
        threads: Int, seed: UInt64, labelSmoothing: Double = 0, gradientClip: Double? = nil,
        convolution: ConvolutionMethod = .fast
    ) throws(NetworkError) {
        try self.init(
            architecture, input: input, shape: FeatureShape(input.channels, [input.height, input.width]),
            batchCapacity: batchCapacity, optimizer: optimizer, threads: threads, seed: seed,
            labelSmoothing: labelSmoothing, gradientClip: gradientClip, convolution: convolution)
    }

    /// For inputs that aren't images: `shape` says how the C·H·W numbers of an image are to be read.
    package convenience init(
        _ architecture: Architecture, input: ImageShape, shape: FeatureShape, batchCapacity: Int,
        optimizer: OptimizerDefinition, threads: Int, seed: UInt64, labelSmoothing: Double = 0,
        gradientClip: Double? = nil, convolution: ConvolutionMethod = .fast
    ) throws(NetworkError) {
        precondition(batchCapacity > 0 && threads > 0, "a network needs a batch and a thread")
        precondition(
            shape.count == input.channels * input.height * input.width, "the shape holds another number of values")
        let request = PlanRequest(
            graph: try ComputationGraph(architecture, input: shape), image: input, capacity: batchCapacity,
            labelSmoothing: labelSmoothing, convolution: convolution,
            team: ThreadTeam(threads: min(threads, StepState.maximumShards)))
        self.init(
            architecture, request, ShallowPlan.fits(request.graph) ? ShallowPlan(request) : GeneralPlan(request),
            optimizer, seed: seed, clip: gradientClip)
    }

    init(
        _ architecture: Architecture, _ request: PlanRequest, _ plan: any ExecutionPlan,
        _ optimizer: OptimizerDefinition,
        seed: UInt64, clip: Double? = nil
    ) {
        self.architecture = architecture
        self.plan = plan
        self.optimizer = optimizer
        input = request.image
        batchCapacity = request.capacity
        store = request.store
        classes = plan.loss.classes
        update = ParameterUpdate(plan, request.store, request.team, optimizer, clip: clip)
        plan.state.seed = seed
        initialize(request.graph, seed: seed)
    }

    /// One step: forward, loss, backward, optimizer, running statistics. Allocates nothing.
    ///
    /// If the loss, a batch statistic or a gradient isn't finite, nothing is changed and the result says where.
    package func train(on batch: Batch, learningRate: Double) -> StepResult {
        check(batch)
        if let problem = plan.runForward(.training, batch) { return failed(batch, problem) }
        let loss = plan.loss.lossSum(count: batch.count) / Double(batch.count)
        guard loss.isFinite else { return failed(batch, NonFinite(layer: "loss", quantity: .loss, channel: nil)) }
        plan.runBackward()
        let (squares, problem) = update.gatherGradients()
        if let problem { return failed(batch, problem) }
        update.apply(learningRate: learningRate, squares: squares)
        for layer in store.normalizations { layer.updateRunningStatistics(plan.state) }
        plan.state.step += 1
        return StepResult(loss: loss, correct: correct(batch), count: batch.count, nonFinite: nil)
    }

    private func failed(_ batch: Batch, _ problem: NonFinite) -> StepResult {
        StepResult(loss: .nan, correct: 0, count: batch.count, nonFinite: problem)
    }

    /// The loss of a batch and how many of its images are classified correctly; nothing is changed.
    package func evaluate(_ batch: Batch, statistics: EvaluationStatistics) -> EvaluationResult {
        check(batch)
        let problem = plan.runForward(statistics == .running ? .runningStatistics : .batchStatistics, batch)
        guard problem == nil else { return EvaluationResult(lossSum: .nan, correct: 0, count: batch.count) }
        return EvaluationResult(
            lossSum: plan.loss.lossSum(count: batch.count), correct: correct(batch), count: batch.count)
    }

    private func correct(_ batch: Batch) -> Int {
        plan.loss.correct(count: batch.count, labels: batch.labels.base)
    }

    private func check(_ batch: Batch) {
        precondition(batch.layout == imageLayout, "images as another network reads them")
        precondition(
            (1...batchCapacity).contains(batch.count), "\(batch.count) images for a capacity of \(batchCapacity)")
        for image in 0..<batch.count {
            let label = Int(batch.labels.base[image])
            precondition(label >= 0 && label < classes, "label \(label) for a network with \(classes) classes")
        }
    }

    /// Training steps taken so far. A resumed run sets it, so that Dropout goes on with the masks it would have drawn.
    package var stepsTaken: Int {
        get { plan.state.step }
        set { plan.state.step = newValue }
    }

    /// The layout of the images in a batch.
    package var imageLayout: PlanarLayout { plan.input.layout }

    /// An empty batch of the network's capacity.
    package func makeBatch() -> Batch { Batch(capacity: batchCapacity, layout: imageLayout) }

    /// The number of trained values.
    package var parameterCount: Int { store.parameters.reduce(0) { $0 + $1.places.count } }

    /// The class that the last batch's image was taken for.
    package func prediction(_ image: Int) -> Int32 { plan.loss.predictions[image] }

    /// The network's output for an image of the last batch, before softmax: one number a class.
    package func logits(_ image: Int) -> [Float] { plan.loss.logits(image) }
}
