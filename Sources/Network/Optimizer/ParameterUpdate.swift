import Kernels
import Tensors
import Threads

/// The end of a training step: adds up the shards' gradients, looks whether they are finite, and moves the parameters as the
/// optimizer does.
///
/// The flat array of parameters is divided into pieces that don't depend on the number of threads.
final class ParameterUpdate {
    private struct Piece {
        let range: Range<Int>
        /// The shards' parts, and how far they are apart; nil where the gradient is complete already.
        let partial: (base: UnsafePointer<Float>, stride: Int)?
    }

    private let store: ParameterStore
    private let team: ThreadTeam
    private let definition: OptimizerDefinition
    private let clip: Double?
    private let squares: AlignedBuffer<Double>
    private let gather: ParallelJob
    private let move: ParallelJob
    private let settings: Settings
    /// Steps the optimizer's state has seen. In the first, SGD fills its momentum buffers.
    var steps = 0

    /// The settings of the present step's kernels.
    private final class Settings {
        var sgd = ParameterKernel.MomentumStep(
            rate: 0, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, isFirst: true)
        var adaptive: ParameterKernel.AdaptiveStep?
    }

    init(
        _ plan: any ExecutionPlan, _ store: ParameterStore, _ team: ThreadTeam, _ definition: OptimizerDefinition,
        clip: Double?
    ) {
        let state = plan.state, pieces = Self.pieces(plan.partialGradients, count: store.count),
            squares = AlignedBuffer<Double>(count: pieces.count), settings = Settings()
        self.store = store
        self.team = team
        self.definition = definition
        self.clip = clip
        self.squares = squares
        self.settings = settings
        if case .adam = definition.method { store.allocateSquares() }
        gather = ParallelJob(pieces: pieces.count, helping: false) { index, _ in
            let piece = pieces[index]
            if let partial = piece.partial {
                ParameterKernel.sum(
                    partial.base, parts: state.shards, stride: partial.stride, into: store.gradients.base,
                    range: piece.range)
            }
            squares[index] = ParameterKernel.squares(store.gradients.base, range: piece.range)
        }
        move = ParallelJob(pieces: pieces.count, helping: false) { index, _ in
            let range = pieces[index].range
            if let adaptive = settings.adaptive {
                adaptive.run(
                    store.values.base, store.gradients.base, store.momentum.base, store.squares.base, range: range)
            } else {
                settings.sgd.run(store.values.base, store.gradients.base, store.momentum.base, range: range)
            }
        }
    }

    /// Pieces so small that the shares of a team's threads differ little.
    private static func pieces(_ partials: [PartialGradient], count: Int) -> [Piece] {
        let size = 1024
        var pieces: [Piece] = [], next = 0
        func cover(until end: Int, _ partial: (base: UnsafePointer<Float>, stride: Int)?) {
            while next < end {
                let stop = min(next + size, end)
                pieces.append(Piece(range: next..<stop, partial: partial))
                next = stop
            }
        }
        for partial in partials {
            cover(until: partial.offset, nil)
            // `sum` adds the place within the parameters to the base; the shards' arrays begin at the partial's offset.
            cover(
                until: partial.offset + partial.extent,
                (UnsafePointer(partial.buffer.base) - partial.offset, partial.extent))
        }
        cover(until: count, nil)
        return pieces
    }

    /// Adds up the gradients; the sum of their squares, or the first parameter whose gradient isn't finite.
    func gatherGradients() -> (squares: Double, problem: NonFinite?) {
        team.run(gather)
        var total = 0.0
        for index in 0..<squares.count { total += squares[index] }
        return (total, total.isFinite ? nil : firstNonFinite())
    }

    /// nil where the gradients are finite though their squares aren't.
    private func firstNonFinite() -> NonFinite? {
        for parameter in store.parameters where !parameter.range.allSatisfy({ store.gradients[$0].isFinite }) {
            return NonFinite(layer: parameter.name, quantity: .gradient, channel: nil)
        }
        return nil
    }

    func apply(learningRate: Double, squares: Double) {
        var scale = 1.0
        if let clip { scale = min(1, clip / (squares.squareRoot() + 1e-6)) }
        switch definition.method {
        case .sgd(let momentum, let dampening, let nesterov):
            settings.sgd = ParameterKernel.MomentumStep(
                rate: Float(learningRate), momentum: Float(momentum), dampening: Float(dampening),
                weightDecay: Float(definition.weightDecay), nesterov: nesterov, isFirst: steps == 0,
                gradientScale: Float(scale))
        case .adam(let betas, let epsilon, let isDecoupled):
            settings.adaptive = ParameterKernel.AdaptiveStep(
                rate: learningRate, beta1: betas.first, beta2: betas.second, epsilon: epsilon,
                weightDecay: definition.weightDecay, isDecoupled: isDecoupled, step: steps + 1, gradientScale: scale)
        }
        team.run(move)
        steps += 1
    }
}
