import Kernels
import Tensors
import Threads

/// The plan of a network, made once: its operations, and the phases in which a team of threads works through them.
///
/// Within a phase an image passes through several operations while it is in the cache. Phases end where something of the
/// whole batch is needed; at each end one thread joins what the images gave.
final class Program {
    /// A phase before it is known what fills its waits.
    private enum Draft {
        /// What each part of the batch goes through, and whose `finish…` runs on one thread at the end.
        case images([Action], finish: Operation? = nil)
        /// An operation that is divided into pieces of its own, and its `finishGradient`.
        case pieces(Operation)

        func chores(_ packing: Packing?) -> [Chore] {
            guard case .images(let actions, _) = self, let packing else { return [] }
            let readers = actions.filter { $0.kind == (packing == .backward ? .backward : .forward) }
            return Chore.all(packing, readers.compactMap(\.operation))
        }
    }

    struct Phase {
        let work: ParallelJob
        /// What runs on one thread at the end.
        var finish: Operation?
        var isBackward = false
    }

    let operations: [Operation]
    let store: ParameterStore
    let loss: CrossEntropy
    let state = StepState()
    let team: ThreadTeam

    let entrance: Entrance
    /// Whether the convolutions hold what the present weights and running statistics give together. All batches of a
    /// validation share it.
    private var isFolded = false
    /// The plan of a shallow network, which has no phases.
    private var rowSplit: RowSplit?
    private var trainForward: [Phase] = []
    private var folding: [Phase] = []
    private var evaluateForward: [Phase] = []
    private var measuredForward: [Phase] = []
    private var backward: [Phase] = []

    init(
        _ blueprint: Blueprint, image: ImageShape, capacity: Int, team: ThreadTeam, smoothing: Double,
        arithmetic: ConvolutionArithmetic
    ) {
        self.team = team
        let store = ParameterStore(), bench = Workbench(threads: team.count)
        self.store = store
        let isShallow = RowSplit.fits(blueprint)
        let memories = Self.memories(blueprint, GradientPlan(blueprint, arithmetic), capacity) { feature in
            isShallow && (1...2).contains(feature)
        }
        operations = blueprint.nodes.map { node in
            node.operation(store, memories, capacity: capacity, bench, arithmetic)
        }
        store.allocate()
        bench.allocate()
        let group = operations.compactMap(\.group).max() ?? 1
        for memory in memories { memory.makeRoom(threads: team.count, images: group) }
        let end = blueprint.last
        loss = CrossEntropy(
            memories[end], classes: blueprint.features[end].shape.channels, capacity: capacity, smoothing: smoothing)
        entrance = Entrance(memories[0], image: image)
        if isShallow {
            state.lanesAreRows = true
            rowSplit = RowSplit(operations, loss: loss, team: team, state: state, capacity: capacity)
            return
        }
        foldNormalizations(blueprint)
        trainForward = forwardPhases(.training)
        measuredForward = forwardPhases(.batchStatistics)
        folding = packingPhases(Chore.all(.folded, operations))
        evaluateForward = forwardPhases(.runningStatistics)
        backward = backwardPhases()
    }

    /// `isAbsent` says which features are nowhere as a whole.
    private static func memories(
        _ blueprint: Blueprint, _ plan: GradientPlan, _ capacity: Int, isAbsent: (_ feature: Int) -> Bool
    ) -> [FeatureMemory] {
        let absent = Set(plan.places.indices.filter(isAbsent).compactMap { plan.places[$0] })
        let gradients = plan.layouts.enumerated().map { place, layout in
            AlignedBuffer<Float>(count: absent.contains(place) ? 0 : capacity * layout.imageStride)
        }
        var memories: [FeatureMemory] = []
        for (index, feature) in blueprint.features.enumerated() {
            memories.append(
                FeatureMemory(
                    feature, capacity: isAbsent(index) ? 0 : capacity, sharing: feature.aliased.map { memories[$0] },
                    gradients: plan.places[index].map { gradients[$0] }))
        }
        return memories
    }

    // MARK: Running

    /// Runs the network on the batch, up to the loss; says where something isn't finite, and stops there.
    func runForward(_ mode: StepState.Mode, _ batch: Batch) -> NonFinite? {
        state.begin(mode, batch)
        entrance.open(batch)
        for operation in operations { operation.prepare(state) }
        if let rowSplit { return rowSplit.runForward() }
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

    /// Parameters or running statistics have been set from outside.
    func weightsChanged() { isFolded = false }

    func runBackward() {
        if let rowSplit { return rowSplit.runBackward() }
        _ = run(backward)
    }

    private func run(_ phases: [Phase]) -> NonFinite? {
        for phase in phases {
            team.run(phase.work)
            guard let operation = phase.finish else { continue }
            if phase.isBackward {
                operation.finishGradient(state)
            } else if let problem = operation.finishMeasure(state) {
                return problem
            }
        }
        return nil
    }

    // MARK: Planning

    private func forwardPhases(_ mode: StepState.Mode) -> [Phase] {
        let folds = mode == .runningStatistics
        var drafts: [Draft] = [], actions: [Action] = entrance.isCopying ? [.enter] : []
        var done: Operation?
        for operation in operations where operation !== done {
            if folds, let normalization = operation.folded {
                actions.append(.forwardFolded(operation))
                done = normalization
                continue
            }
            if operation.isSplit(mode) {
                actions.append(.measure(operation))
                drafts.append(.images(actions, finish: operation))
                actions = []
            }
            actions.append(.forward(operation))
        }
        actions.append(mode == .training ? .lossGradient : .loss)
        drafts.append(.images(actions))
        return phases(drafts, folds ? nil : .forward)
    }

    /// A normalization that alone reads a convolution's output is folded into it when running statistics are used.
    private func foldNormalizations(_ blueprint: Blueprint) {
        for (index, node) in blueprint.nodes.enumerated().dropLast() {
            guard let convolution = operations[index] as? ConvolutionOperation,
                let normalization = operations[index + 1] as? NormalizationOperation,
                blueprint.nodes[index + 1].input == node.output, blueprint.features[node.output].consumers == 1,
                normalization.layer.tracksStatistics
            else { continue }
            convolution.fold(normalization)
        }
    }

    private func backwardPhases() -> [Phase] {
        var drafts: [Draft] = [], actions: [Action] = []
        for operation in operations.reversed() {
            if operation.backwardPieces > 0 {
                if !actions.isEmpty { drafts.append(.images(actions)) }
                drafts.append(.pieces(operation))
                actions = []
                continue
            }
            if operation.isBackwardSplit {
                actions.append(.measureGradient(operation))
                drafts.append(.images(actions, finish: operation))
                actions = []
            }
            if operation.sumsGradient || operation.readsInputBackward, operation.input.isPassing {
                actions.append(contentsOf: operations.filter { $0.output === operation.input }.map { .forward($0) })
            }
            if operation.sumsGradient { actions.append(.sumGradient(operation)) }
            actions.append(.backward(operation))
        }
        if !actions.isEmpty { drafts.append(.images(actions)) }
        return phases(drafts, .backward)
    }

    /// Weights that a phase reads are rearranged while threads wait at the end of the phase before it, so that they come from
    /// a cache. So do the images with which a phase begins: where one ends, the next turns round.
    private func phases(_ drafts: [Draft], _ packing: Packing?) -> [Phase] {
        let chores = drafts.map { $0.chores(packing) } + [[]], isBackward = packing == .backward
        // The way forward ends in ascending order, from where the way back turns round.
        var direction = isBackward || drafts.count.isMultiple(of: 2) ? ParallelJob.Direction.descending : .ascending
        return packingPhases(chores[0])
            + zip(drafts, chores.dropFirst()).map { draft, idleWork in
                let idleWork = ParallelJob.IdleWork(pieces: idleWork.count) { idleWork[$0].run() }
                switch draft {
                case .images(let actions, let operation):
                    defer { direction.turn() }
                    return Phase(
                        work: work(actions, direction, idleWork), finish: operation, isBackward: isBackward)
                case .pieces(let operation):
                    return Phase(work: pieces(operation, idleWork), finish: operation, isBackward: isBackward)
                }
            }
    }

    private func packingPhases(_ chores: [Chore]) -> [Phase] {
        chores.isEmpty ? [] : [Phase(work: ParallelJob(pieces: chores.count) { piece, _ in chores[piece].run() })]
    }

    private func pieces(_ operation: Operation, _ idleWork: ParallelJob.IdleWork) -> ParallelJob {
        let state = state
        return ParallelJob(pieces: operation.backwardPieces, idleWork: idleWork) { piece, _ in
            operation.backward(piece: piece, count: state.count)
        }
    }

    /// Each part of the batch goes through all actions, as many images at a time as the actions like.
    private func work(_ actions: [Action], _ direction: ParallelJob.Direction, _ idleWork: ParallelJob.IdleWork)
        -> ParallelJob
    {
        let state = state, division = Self.division(actions), route = route(actions)
        return ParallelJob(
            pieces: state.parts(division), direction: direction, tailWork: tailWork(actions), idleWork: idleWork
        ) { part, thread in
            route.run(state.images(part, of: division), lane: part, thread: thread)
        }
    }

    private func route(_ actions: some Collection<Action>) -> Route {
        Route(actions, .init(state: state, entrance: entrance, loss: loss))
    }

    /// Vector16 are few, and a thread that has no more of them would wait for the others' last ones: 5% of the time with eight
    /// lanes and two threads. So of each thread's first lane only the sums over its images are taken in their turn. What
    /// comes behind them doesn't sum, and is left over in small parts.
    private func tailWork(_ actions: [Action]) -> ParallelJob.TailWork? {
        guard team.count > 1, let last = actions.lastIndex(where: { $0.kind == .sumGradient }) else { return nil }
        let state = state, sums = route(actions[...last]), rest = route(actions[(last + 1)...])
        let group = actions.compactMap(\.group).max() ?? 1
        return ParallelJob.TailWork(parts: Self.tailParts) { lane, thread in
            sums.run(state.images(lane, of: .lanes), lane: lane, thread: thread)
        } end: { lane, part, thread in
            let images = state.images(part, of: Self.tailParts, inLane: lane, groups: group)
            rest.run(images, lane: lane, thread: thread)
        }
    }

    /// As many as an image-by-image lane of a batch of 128 has images.
    private static let tailParts = 16

    /// What sums over images, or is faster for more of them than a group, gets lanes. All else is divided as finely as its
    /// groups allow, so that no thread waits long for another.
    private static func division(_ actions: [Action]) -> StepState.Division {
        let groups = actions.compactMap(\.group)
        let needsLanes = groups.count < actions.count || actions.contains { $0.kind == .sumGradient }
        return needsLanes ? .lanes : .groups(of: groups.max() ?? 1)
    }
}

extension Blueprint.Node {
    fileprivate func operation(
        _ store: ParameterStore, _ memories: [FeatureMemory], capacity: Int, _ bench: Workbench,
        _ arithmetic: ConvolutionArithmetic
    ) -> Operation {
        let input = memories[input], output = memories[output], other = memories[other ?? self.input]
        switch kind {
        case .convolution(let layer): return ConvolutionOperation(self, layer, store, input, output, bench, arithmetic)
        case .normalization(let layer, let rectified):
            return NormalizationOperation(
                self, layer, rectified: rectified, store, input, output, capacity: capacity)
        case .relu(let slope): return RectifierOperation(self, slope: Float(slope), input, output)
        case .dropout(let probability): return DropoutOperation(self, probability: probability, input, output)
        case .pooling(let layer): return PoolingOperation(self, layer, input, output)
        case .fork: return ForkOperation(self, input, output, other)
        case .sum(let rectified): return SumOperation(self, rectified: rectified, input, other, output)
        case .linear(_, let outputs, let bias):
            return LinearOperation(self, outputs: outputs, bias: bias, store, input, output)
        case .reorder: return ReorderOperation(self, input, output)
        }
    }
}
