import Tensors

/// The plan of a network, made once: its operations, and the phases in which a team of threads works through them.
///
/// Within a phase an image passes through several operations while it is in the cache. Phases end where something of the
/// whole batch is needed; at each end one thread joins what the images gave.
final class Program {
    /// One thing done to a few images.
    private struct Action {
        enum Kind { case enter, measure, forward, forwardFolded, loss, lossGradient, measureGradient, backward }

        let kind: Kind
        /// The program holds it. To count references whenever it is called would move their count from core to core.
        private let held: Unmanaged<Operation>?

        private init(_ kind: Kind, _ operation: Operation? = nil) {
            self.kind = kind
            held = operation.map { .passUnretained($0) }
        }

        static var enter: Action { Action(.enter) }
        static var loss: Action { Action(.loss) }
        static var lossGradient: Action { Action(.lossGradient) }
        static func measure(_ operation: Operation) -> Action { Action(.measure, operation) }
        static func forward(_ operation: Operation) -> Action { Action(.forward, operation) }
        /// The operation and the normalization behind it at once.
        static func forwardFolded(_ operation: Operation) -> Action { Action(.forwardFolded, operation) }
        static func measureGradient(_ operation: Operation) -> Action { Action(.measureGradient, operation) }
        static func backward(_ operation: Operation) -> Action { Action(.backward, operation) }

        var operation: Operation? { held?.takeUnretainedValue() }

        @inline(__always)
        func with(_ body: (Operation) -> Void) { held?._withUnsafeGuaranteedRef(body) }

        /// Images that it likes to have at once; nil is the whole lane.
        var group: Int? { operation.map(\.group) ?? 1 }
        var readsPassing: Bool { operation?.input.isPassing ?? false }
    }

    /// A phase before it is known what fills its waits.
    private struct Draft {
        /// What each part of the batch goes through; none if `operation` is divided into pieces of its own.
        var actions: [Action]
        /// Whose `finish…` runs on one thread at the end.
        var operation: Operation?

        func chores(_ packing: Packing) -> [Chore] {
            let readers = actions.filter { $0.kind == (packing == .backward ? .backward : .forward) }
            return Chore.all(packing, readers.compactMap(\.operation))
        }
    }

    struct Phase {
        let work: TeamWork
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
        var memories: [FeatureMemory] = []
        for (index, feature) in blueprint.features.enumerated() {
            memories.append(
                FeatureMemory(
                    feature, capacity: isShallow && (1...2).contains(index) ? 0 : capacity,
                    needsGradient: blueprint.needsGradient(index),
                    sharing: feature.aliased.map { memories[$0] },
                    passing: feature.passesGradientTo.map { memories[$0] }))
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
                drafts.append(Draft(actions: actions, operation: operation))
                actions = []
            }
            actions.append(.forward(operation))
        }
        actions.append(mode == .training ? .lossGradient : .loss)
        drafts.append(Draft(actions: actions))
        return folds ? drafts.map { phase($0, isBackward: false) } : phases(drafts, .forward)
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
                if !actions.isEmpty { drafts.append(Draft(actions: actions)) }
                drafts.append(Draft(actions: [], operation: operation))
                actions = []
                continue
            }
            if operation.isBackwardSplit {
                actions.append(.measureGradient(operation))
                drafts.append(Draft(actions: actions, operation: operation))
                actions = []
            }
            if operation.readsInputBackward, operation.input.isPassing {
                actions.append(contentsOf: operations.filter { $0.output === operation.input }.map { .forward($0) })
            }
            actions.append(.backward(operation))
        }
        if !actions.isEmpty { drafts.append(Draft(actions: actions)) }
        return phases(drafts, .backward)
    }

    /// Weights that a phase reads are rearranged while threads wait at the end of the phase before it, so that they come from
    /// a cache. So do the images with which a phase begins: where one ends, the next turns round.
    private func phases(_ drafts: [Draft], _ packing: Packing) -> [Phase] {
        let chores = drafts.map { $0.chores(packing) } + [[]], isBackward = packing == .backward
        // The way forward ends in ascending order, from where the way back turns round.
        var direction = isBackward || drafts.count.isMultiple(of: 2) ? TeamWork.Direction.descending : .ascending
        return packingPhases(chores[0])
            + zip(drafts, chores.dropFirst()).map { draft, filling in
                defer { if !draft.actions.isEmpty { direction.turn() } }
                return phase(draft, isBackward: isBackward, direction, filling: filling)
            }
    }

    private func phase(
        _ draft: Draft, isBackward: Bool, _ direction: TeamWork.Direction = .ascending, filling chores: [Chore] = []
    ) -> Phase {
        let filling = TeamWork.Filling(pieces: chores.count) { chores[$0].run() }
        let work = draft.actions.isEmpty ? pieces(draft.operation, filling) : work(draft.actions, direction, filling)
        return Phase(work: work, finish: draft.operation, isBackward: isBackward)
    }

    private func packingPhases(_ chores: [Chore]) -> [Phase] {
        chores.isEmpty ? [] : [Phase(work: TeamWork(pieces: chores.count) { piece, _ in chores[piece].run() })]
    }

    private func pieces(_ operation: Operation?, _ filling: TeamWork.Filling) -> TeamWork {
        let state = state
        return TeamWork(pieces: operation?.backwardPieces ?? 0, filling: filling) { piece, _ in
            operation?.backward(piece: piece, count: state.count)
        }
    }

    /// Each part of the batch goes through all actions, as many images at a time as the actions like.
    private func work(_ actions: [Action], _ direction: TeamWork.Direction, _ filling: TeamWork.Filling) -> TeamWork {
        let state = state, entrance = entrance, loss = loss
        let segments = Self.segments(actions), division = Self.division(actions)
        return TeamWork(pieces: state.parts(division), direction: direction, filling: filling) { part, thread in
            let images = state.images(part, of: division)
            let worker = Worker(lane: part, thread: thread, laneStart: images.lowerBound, first: images.lowerBound)
            for segment in segments { segment.run(images, state, worker, entrance, loss) }
        }
    }

    /// What sums over images, or is faster for more of them than a group, gets lanes. All else is divided as finely as its
    /// groups allow, so that no thread waits long for another.
    private static func division(_ actions: [Action]) -> StepState.Division {
        let groups = actions.compactMap(\.group)
        let needsLanes = groups.count < actions.count || actions.contains { $0.kind == .backward }
        return needsLanes ? .lanes : .groups(of: groups.max() ?? 1)
    }

    private struct Segment {
        var actions: [Action]
        var group: Int?

        var isFolded: Bool { actions[0].kind == .forwardFolded }

        mutating func append(_ other: Segment) {
            actions += other.actions
            if let group, let larger = other.group { self.group = max(group, larger) }
        }

        func run(
            _ images: Range<Int>, _ state: StepState, _ worker: Worker, _ entrance: Entrance, _ loss: CrossEntropy
        ) {
            for action in actions where action.kind == .backward { action.with { $0.beginBackward(worker) } }
            var start = images.lowerBound
            while start < images.upperBound {
                let end = min(start + (group ?? images.count), images.upperBound)
                var worker = worker
                worker.first = start
                for action in actions { perform(action, start..<end, worker, state, entrance, loss) }
                start = end
            }
            for action in actions where action.kind == .backward { action.with { $0.endBackward(worker) } }
        }

        private func perform(
            _ action: Action, _ images: Range<Int>, _ worker: Worker, _ state: StepState, _ entrance: Entrance,
            _ loss: CrossEntropy
        ) {
            switch action.kind {
            case .enter: entrance.fill(images, from: state)
            case .measure: action.with { $0.measure(images) }
            case .forward: action.with { $0.forward(images, worker) }
            case .forwardFolded: action.with { $0.forwardFolded(images, worker) }
            case .loss: if let labels = state.labels { loss.run(images, labels: labels, batch: nil) }
            case .lossGradient: if let labels = state.labels { loss.run(images, labels: labels, batch: state.count) }
            case .measureGradient: action.with { $0.measureGradient(images) }
            case .backward: action.with { $0.backward(images, worker) }
            }
        }
    }

    /// Neighbouring actions share a group, the largest that one of them likes; whole lanes are for themselves.
    ///
    /// When evaluating, all of the network is one phase. A layer that likes larger groups than those before it begins with
    /// new ones there, so that the first layers' large images are as few in the cache as these like them; only between
    /// who writes a passing feature and who reads it the group can't change.
    private static func segments(_ actions: [Action]) -> [Segment] {
        var segments: [Segment] = []
        for chain in chains(actions) {
            if let last = segments.last, (last.group == nil) == (chain.group == nil),
                chain.group ?? 0 <= last.group ?? 0 || !chain.isFolded
            {
                segments[segments.count - 1].append(chain)
            } else {
                segments.append(chain)
            }
        }
        return segments
    }

    /// Actions between which only passing features are handed on.
    private static func chains(_ actions: [Action]) -> [Segment] {
        var chains: [Segment] = []
        for action in actions {
            let next = Segment(actions: [action], group: action.group)
            if !chains.isEmpty, action.readsPassing {
                chains[chains.count - 1].append(next)
            } else if action.kind != .forwardFolded, let last = chains.last, last.isFolded,
                (last.group == nil) == (next.group == nil)
            {
                chains[chains.count - 1].append(next)
            } else {
                chains.append(next)
            }
        }
        return chains
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
