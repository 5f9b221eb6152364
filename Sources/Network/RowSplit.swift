import Kernels
import Tensors
import Threads

/// The plan of a shallow network: one 3×3 convolution on the images, normalization, ReLU, and a linear layer over all of
/// it, as the design's example is.
///
/// Its arithmetic is small beside its memory, so everything is arranged to touch memory little. Work is split by image
/// row: a thread has the same rows of all images from the first phase to the last, unless another one helps it, and with
/// them the linear layer's weights of these pixels and their gradient. The batch statistics follow from the moments of the
/// images' patches (`PatchMoments`), so that training, too, has the normalization folded into the convolution:
///
///     rows      images → moments of their patches         barrier: mean, variance, folded weights
///     32 images at a time:
///       rows    convolution + normalization + ReLU → y in the second-level cache → linear, sums of a part of the features
///       images  logits, loss, their gradient
///       rows    y → linear backward → dW, g in the first-level cache → Σ g, Σ X·g
///               barrier: gradients of γ, β and the convolution's weights
///
/// Rows are joined into lanes, as many for two threads as for one, and sums are taken in their order. A thread that has no
/// more of them would wait for another's last one, for 7% of the time with eight lanes and two threads. So patches are
/// measured in more of them, images go forward a few at a time, and of each thread's first lane the gradient of the linear
/// layer's weights, which needs no order, is left for the end.
final class RowSplit {
    private let linear: LinearOperation
    private let team: ThreadTeam
    private let state: StepState
    private let rows: RowMemory

    private let measure: ParallelJob
    private let forward: ParallelJob
    private let lossGradient: ParallelJob
    private let backward: ParallelJob

    /// Whether a network has this shape.
    static func fits(_ blueprint: Blueprint) -> Bool {
        guard blueprint.nodes.count == 3, blueprint.features[0].isPlanar,
            case .convolution(let layer) = blueprint.nodes[0].kind,
            case .normalization(let normalization, rectified: true) = blueprint.nodes[1].kind,
            case .linear = blueprint.nodes[2].kind
        else { return false }
        return normalization.tracksStatistics && layer.dimensions == 2 && layer.kernel == [3, 3]
            && layer.dilation == [1, 1] && layer.stride == [1, 1] && layer.groups == 1
            && PatchMoments.fits(blueprint.features[0].planes)
    }

    init(
        _ operations: [Operation], loss: CrossEntropy, team: ThreadTeam, state: StepState, capacity: Int
    ) {
        guard let convolution = operations[0] as? ConvolutionOperation,
            let normalization = operations[1] as? NormalizationOperation,
            let linear = operations[2] as? LinearOperation, case .planar(let layout) = convolution.input.layout
        else { preconditionFailure("the network has another shape") }
        self.linear = linear
        self.team = team
        self.state = state
        let rows = RowMemory(
            convolution, normalization, linear, state: state, layout: layout, capacity: capacity, threads: team.count)
        self.rows = rows
        measure = ParallelJob(pieces: RowMemory.measuringLanes) { lane, _ in rows.measure(lane: lane) }
        forward = ParallelJob(pieces: rows.forwardPieces) { piece, thread in rows.forward(piece: piece, thread: thread)
        }
        let tailWork = ParallelJob.TailWork(parts: rows.rowsInLane) { lane, thread in
            rows.sumGradient(lane: lane, thread: thread)
        } end: { lane, row, thread in
            rows.weightGradient(lane: lane, index: row, thread: thread)
        }
        backward = ParallelJob(pieces: RowMemory.lanes, tailWork: team.count > 1 ? tailWork : nil) { lane, thread in
            rows.backward(lane: lane, thread: thread)
        }
        let together = RowKernel.imagesTogether
        lossGradient = ParallelJob(pieces: (rows.images.count + together - 1) / together) { piece, _ in
            let first = rows.images.lowerBound + piece * together
            let images = first..<min(first + together, rows.images.upperBound)
            for image in images { rows.join(image) }
            guard let labels = state.labels else { return }
            loss.run(images, labels: labels, batch: state.mode == .training ? state.count : nil)
        }
    }

    /// The whole batch forward, and in training as far back as it goes before the whole batch is needed.
    func runForward() -> NonFinite? {
        if state.mode != .runningStatistics {
            team.run(measure)
            if let problem = rows.finishMeasure() { return problem }
        }
        rows.fold()
        let group = rows.group(state.mode)
        for first in stride(from: 0, to: state.count, by: group) {
            rows.images = first..<min(first + group, state.count)
            team.run(forward)
            team.run(lossGradient)
            if state.mode == .training { team.run(backward) }
        }
        return nil
    }

    func runBackward() {
        linear.finishGradient(state)
        rows.finishGradient()
    }
}
