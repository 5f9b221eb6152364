import Tensors

/// The plan of a shallow network: one 3×3 convolution on the images, normalization, ReLU, and a linear layer over all of
/// it, as the design's example is.
///
/// Its arithmetic is small beside its memory, so everything is arranged to touch memory little. Work is split by image
/// row: a thread owns the same rows of all images from the first phase to the last, and with them the linear layer's
/// weights of these pixels and their gradient.
///
///     rows      convolution → z, moments of z             barrier: mean, variance
///     rows      normalize + ReLU in the first-level cache → linear, sums of a part of the features
///     images    logits, loss, their gradient
///     rows      normalize again; linear backward → dW, sums of g        barrier: gradients of γ, β
///     rows      linear backward again → gradient of z in the first-level cache → gradient of the convolution's weights
///
/// Neither the normalized activations nor their gradient g is stored: computing them again costs no more than the memory.
/// Rows are joined into eight lanes, whatever the number of threads, and sums are taken in their order.
final class RowSplit {
    private let convolution: ConvolutionOperation
    private let normalization: NormalizationOperation
    private let linear: LinearOperation
    private let team: ThreadTeam
    private let state: StepState
    private let kernel: RowKernel

    private var enter: TeamWork
    private var measure: TeamWork
    private var forward: TeamWork
    private var lossGradient: TeamWork
    private var backward: TeamWork
    private var weightGradient: TeamWork
    private var evaluate: TeamWork

    /// Whether a network has this shape.
    static func fits(_ blueprint: Blueprint) -> Bool {
        guard blueprint.nodes.count == 3, blueprint.features[0].isPlanar,
            case .convolution(let layer) = blueprint.nodes[0].kind,
            case .normalization(let normalization, rectified: true) = blueprint.nodes[1].kind,
            case .linear = blueprint.nodes[2].kind
        else { return false }
        return normalization.tracksStatistics && layer.dimensions == 2 && layer.kernel == [3, 3]
            && layer.dilation == [1, 1] && layer.stride == [1, 1]
    }

    init(
        _ operations: [Operation], entrance: Entrance, loss: CrossEntropy, team: ThreadTeam, state: StepState,
        capacity: Int
    ) {
        guard let convolution = operations[0] as? ConvolutionOperation,
            let normalization = operations[1] as? NormalizationOperation,
            let linear = operations[2] as? LinearOperation
        else { preconditionFailure("the network has another shape") }
        self.convolution = convolution
        self.normalization = normalization
        self.linear = linear
        self.team = team
        self.state = state
        kernel = RowKernel(layout: linear.input.blocked, linear: linear.kernel)
        let rows = RowMemory(convolution, normalization, linear, kernel, state: state, capacity: capacity)
        enter = TeamWork { thread in entrance.fillRows(team, thread: thread, from: state) }
        measure = rows.work(team, .down) { row, _ in rows.measure(row) }
        forward = rows.work(team, .up, begin: rows.clearSums) { row, lane in rows.forward(row, lane) }
        evaluate = rows.work(team, .down, begin: rows.clearSums) { row, lane in rows.evaluate(row, lane) }
        backward = rows.work(team, .down) { row, lane in rows.backward(row, lane) }
        weightGradient = rows.work(team, .up, begin: { convolution.beginBackward(Worker(lane: $0, thread: 0)) }) {
            row, lane in
            rows.weightGradient(row, lane)
        }
        lossGradient = TeamWork { thread in
            let images = team.share(of: state.count, thread: thread)
            for image in images { rows.total(image) }
            guard let labels = state.labels else { return }
            loss.run(images, labels: labels, batch: state.mode == .training ? state.count : nil)
        }
        self.rows = rows
    }

    private let rows: RowMemory

    func runForward() -> NonFinite? {
        team.run(enter)
        if state.mode == .runningStatistics {
            rows.fold()
            team.run(evaluate)
        } else {
            team.run(measure)
            if let problem = normalization.finishMeasure(state, units: kernel.height, size: state.count * kernel.width)
            {
                return problem
            }
            team.run(forward)
        }
        team.run(lossGradient)
        return nil
    }

    func runBackward() {
        linear.finishGradient(state)
        team.run(backward)
        normalization.finishGradient(state, units: kernel.height)
        team.run(weightGradient)
    }
}
