import Threads

/// The planner of a general plan: divides the forward and backward passes into stages.
struct StageBuilder {
    /// A stage without the weights that are packed while its threads wait at its end.
    private enum Draft {
        /// The steps that each part of the batch goes through, and what one thread does at the end.
        case images([PlanStep], finish: (() -> NonFinite?)? = nil)
        /// An operation that is divided into pieces of its own.
        case pieces(any PiecewiseBackwardOperation)

        func packTasks(_ purpose: WeightPackTask.Purpose?) -> [WeightPackTask] {
            guard case .images(let steps, _) = self, let purpose else { return [] }
            let readers = steps.compactMap { step -> (any Operation)? in
                purpose == .backward ? (step as? BackwardStep)?.operation : (step as? ForwardStep)?.operation
            }
            return WeightPackTask.all(purpose, readers)
        }
    }

    private let operations: [any Operation]
    private let input: InputBinding
    private let loss: CrossEntropy
    private let state: StepState
    private let team: ThreadTeam

    init(
        _ operations: [any Operation], input: InputBinding, loss: CrossEntropy, state: StepState, team: ThreadTeam
    ) {
        self.operations = operations
        self.input = input
        self.loss = loss
        self.state = state
        self.team = team
    }

    // MARK: Passes

    func forwardStages(_ mode: StepState.Mode) -> [Stage] {
        let state = state, folds = mode == .runningStatistics
        var drafts: [Draft] = [], steps: [PlanStep] = input.isCopying ? [InputStep(input, state)] : []
        var done: (any Operation)?
        for operation in operations where operation !== done {
            if folds, let folding = operation as? any FoldingOperation, let normalization = folding.folded {
                steps.append(FoldedForwardStep(folding))
                done = normalization
                continue
            }
            if let split = operation as? any BatchStatisticsOperation, split.isSplit(mode) {
                steps.append(StatisticsStep(split))
                drafts.append(.images(steps) { split.finishMeasure(state) })
                steps = []
            }
            if let forward = operation as? any ForwardOperation { steps.append(ForwardStep(forward)) }
        }
        steps.append(LossStep(loss, state, takesGradient: mode == .training))
        drafts.append(.images(steps))
        return stages(drafts, packing: folds ? nil : .forward)
    }

    func foldingStages() -> [Stage] { packingStages(WeightPackTask.all(.folded, operations)) }

    func backwardStages() -> [Stage] {
        let state = state
        var drafts: [Draft] = [], steps: [PlanStep] = []
        for operation in operations.reversed() {
            if let piecewise = operation as? any PiecewiseBackwardOperation {
                if !steps.isEmpty { drafts.append(.images(steps)) }
                drafts.append(.pieces(piecewise))
                steps = []
                continue
            }
            if let split = operation as? any BatchStatisticsOperation {
                steps.append(GradientStatisticsStep(split))
                drafts.append(
                    .images(steps) {
                        split.finishGradient(state)
                        return nil
                    })
                steps = []
            }
            if let backward = operation as? any BackwardOperation { steps += backwardSteps(backward) }
        }
        if !steps.isEmpty { drafts.append(.images(steps)) }
        return stages(drafts, packing: .backward)
    }

    /// The steps of one operation in the backward pass. Where it reads a transient input, that is computed again first.
    private func backwardSteps(_ operation: any BackwardOperation) -> [PlanStep] {
        var steps: [PlanStep] = []
        let summing = operation as? any WeightGradientOperation
        if summing != nil || operation.readsInputBackward, operation.input.isTransient {
            let writers = operations.filter { $0.output === operation.input }
            steps += writers.compactMap { ($0 as? any ForwardOperation).map(ForwardStep.init) }
        }
        if let summing { steps.append(WeightGradientStep(summing)) }
        steps.append(BackwardStep(operation))
        return steps
    }

    // MARK: Stages

    /// Weights that a stage reads are rearranged while threads wait at the end of the stage before it, so that they come from
    /// a cache. So do the images with which a stage begins: where one ends, the next turns round.
    private func stages(_ drafts: [Draft], packing purpose: WeightPackTask.Purpose?) -> [Stage] {
        let packTasks = drafts.map { $0.packTasks(purpose) } + [[]]
        // The way forward ends in ascending order, from where the way back turns round.
        var direction =
            purpose == .backward || drafts.count.isMultiple(of: 2) ? ParallelJob.Direction.descending : .ascending
        return packingStages(packTasks[0])
            + zip(drafts, packTasks.dropFirst()).map { draft, next in
                let idleWork = ParallelJob.IdleWork(pieces: next.count) { next[$0].run() }
                switch draft {
                case .images(let steps, let finish):
                    defer { direction.turn() }
                    return Stage(job: job(steps, direction, idleWork), finish: finish)
                case .pieces(let operation): return stage(operation, idleWork)
                }
            }
    }

    private func packingStages(_ tasks: [WeightPackTask]) -> [Stage] {
        tasks.isEmpty ? [] : [Stage(job: ParallelJob(pieces: tasks.count) { piece, _ in tasks[piece].run() })]
    }

    private func stage(_ operation: any PiecewiseBackwardOperation, _ idleWork: ParallelJob.IdleWork) -> Stage {
        let state = state
        let job = ParallelJob(pieces: operation.backwardPieces, idleWork: idleWork) { piece, _ in
            operation.backward(piece: piece, count: state.count)
        }
        return Stage(job: job) {
            operation.finishGradient(state)
            return nil
        }
    }

    /// Each part of the batch goes through all steps, as many images at a time as the steps like.
    private func job(
        _ steps: [PlanStep], _ direction: ParallelJob.Direction, _ idleWork: ParallelJob.IdleWork
    ) -> ParallelJob {
        let state = state, division = Self.division(steps), sequence = StepSequence(steps)
        return ParallelJob(
            pieces: state.parts(division), direction: direction, tailWork: tailWork(steps), idleWork: idleWork
        ) { part, thread in
            sequence.run(state.images(part, of: division), shard: part, thread: thread)
        }
    }

    /// Shards are few, and a thread that has no more of them would wait for the others' last ones: 5% of the time with eight
    /// shards and two threads. So of each thread's first shard only the sums over its images are taken in their turn. What
    /// comes behind them doesn't sum, and is put off in small parts.
    private func tailWork(_ steps: [PlanStep]) -> ParallelJob.TailWork? {
        guard team.count > 1, let last = steps.lastIndex(where: { $0 is WeightGradientStep }) else { return nil }
        let state = state, sums = StepSequence(Array(steps[...last])), rest = StepSequence(Array(steps[(last + 1)...]))
        let group = steps.compactMap(\.group).max() ?? 1
        return ParallelJob.TailWork(parts: Self.tailParts) { shard, thread in
            sums.run(state.images(shard, of: .shards), shard: shard, thread: thread)
        } end: { shard, part, thread in
            let images = state.images(part, of: Self.tailParts, inShard: shard, groups: group)
            rest.run(images, shard: shard, thread: thread)
        }
    }

    /// As many as an image-by-image shard of a batch of 128 has images.
    private static let tailParts = 16

    /// Steps that sum over images, or are faster for more of them than a group, get shards. All others are divided as finely as
    /// their groups allow, so that no thread waits long for another.
    private static func division(_ steps: [PlanStep]) -> StepState.Division {
        let groups = steps.compactMap(\.group)
        let needsShards = groups.count < steps.count || steps.contains { $0 is WeightGradientStep }
        return needsShards ? .shards : .groups(of: groups.max() ?? 1)
    }
}
