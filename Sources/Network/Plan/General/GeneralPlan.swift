import Tensors
import Threads

/// The plan of any network, made once: its operations, and the stages in which a team of threads works through them.
final class GeneralPlan: ExecutionPlan {
    let input: InputBinding
    let loss: CrossEntropy
    let state = StepState()
    let partialGradients: [PartialGradient]
    private let team: ThreadTeam
    private let operations: [any Operation]
    /// Whether the convolutions hold what the present weights and running statistics give together. All batches of a
    /// validation share it.
    private var isFolded = false

    private let trainForward: [Stage]
    private let folding: [Stage]
    private let evaluateForward: [Stage]
    private let measuredForward: [Stage]
    private let backward: [Stage]

    init(_ request: PlanRequest) {
        let graph = request.graph, team = request.team, arena = ScratchArena(threads: request.team.count)
        let activations = Self.activations(request)
        let operations = graph.nodes.map { $0.operation(request, activations, arena) }
        request.store.allocate()
        arena.allocate()
        let group = operations.compactMap(\.group).max() ?? 1
        for activation in activations { activation.makeRoom(threads: team.count, images: group) }
        Self.foldNormalizations(operations, graph)
        let input = InputBinding(activations[0], image: request.image)
        let loss = CrossEntropy(activations[graph.last], request)
        let builder = StageBuilder(operations, input: input, loss: loss, state: state, team: team)
        trainForward = builder.forwardStages(.training)
        measuredForward = builder.forwardStages(.batchStatistics)
        folding = builder.foldingStages()
        evaluateForward = builder.forwardStages(.runningStatistics)
        backward = builder.backwardStages()
        partialGradients = operations.compactMap { ($0 as? any WeightGradientOperation)?.partialGradient }
        self.team = team
        self.operations = operations
        self.input = input
        self.loss = loss
    }

    private static func activations(_ request: PlanRequest) -> [Activation] {
        let graph = request.graph, plan = GradientMemoryPlan(graph, request.convolution)
        let gradients = plan.layouts.map { AlignedBuffer<Float>(count: request.capacity * $0.imageStride) }
        var activations: [Activation] = []
        for (index, feature) in graph.features.enumerated() {
            activations.append(
                Activation(
                    feature, capacity: request.capacity, sharing: feature.aliased.map { activations[$0] },
                    gradients: plan.places[index].map { gradients[$0] }))
        }
        return activations
    }

    /// A normalization that alone reads a convolution's output is folded into it when running statistics are used.
    private static func foldNormalizations(_ operations: [any Operation], _ graph: ComputationGraph) {
        for (index, node) in graph.nodes.enumerated().dropLast() {
            guard let convolution = operations[index] as? ConvolutionOperation,
                let next = operations[index + 1] as? NormalizationOperation,
                graph.nodes[index + 1].input == node.output, graph.features[node.output].consumers == 1,
                next.normalization.layer.tracksStatistics
            else { continue }
            convolution.fold(next)
        }
    }

    // MARK: Running

    func runForward(_ mode: StepState.Mode, _ batch: Batch) -> NonFinite? {
        state.begin(mode, batch)
        input.open(batch)
        for operation in operations { operation.prepare(state) }
        let wasFolded = isFolded
        isFolded = mode == .runningStatistics
        switch mode {
        case .training: return run(trainForward)
        case .batchStatistics: return run(measuredForward)
        case .runningStatistics:
            if !wasFolded { _ = run(folding) }
            return run(evaluateForward)
        }
    }

    func weightsChanged() { isFolded = false }

    func runBackward() { _ = run(backward) }

    private func run(_ stages: [Stage]) -> NonFinite? {
        for stage in stages {
            team.run(stage.job)
            if let finish = stage.finish, let problem = finish() { return problem }
        }
        return nil
    }
}

extension ComputationGraph.Node {
    fileprivate func operation(
        _ request: PlanRequest, _ activations: [Activation], _ arena: ScratchArena
    ) -> any Operation {
        let input = activations[input], output = activations[output], other = activations[other ?? self.input]
        let store = request.store
        switch kind {
        case .convolution(let layer):
            return ConvolutionOperation(
                ConvolutionParameters(name, layer, input: input.layout, store), layer.geometry, input, output, arena,
                request.convolution)
        case .normalization(let layer, let rectified):
            let normalization = BatchNormalization(name, layer, output: output.blocked, store)
            return NormalizationOperation(
                normalization, rectified: rectified, input, output, capacity: request.capacity)
        case .relu(let slope): return ReLUOperation(slope: Float(slope), input, output)
        case .dropout(let probability): return DropoutOperation(name, probability: probability, input, output)
        case .pooling(let layer): return PoolingOperation(layer, input, output)
        case .fork: return ForkOperation(input, output, other)
        case .add(let rectified): return AddOperation(rectified: rectified, input, other, output)
        case .linear(_, let outputs, let bias):
            return LinearOperation(
                LinearParameters(name, outputs: outputs, bias: bias, input: input.blocked, store), input, output)
        case .reorder: return ReorderOperation(input, output)
        }
    }
}
