import Kernels
import Tensors
import Threads

/// The plan of a shallow network: one 3×3 convolution on the images, normalization, ReLU, and a linear layer over all of
/// it, as `batchnorm-cnn.yaml` is.
///
/// Its arithmetic is small beside its memory, so everything is arranged to touch memory little. Work is split by image
/// row: a thread has the same rows of all images from the first stage to the last, unless another one helps it, and with
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
/// Rows are joined into bands, as many for two threads as for one, and sums are taken in their order. A thread that has no
/// more of them would wait for another's last one, for 7% of the time with eight bands and two threads. So patches are
/// measured in more of them, images go forward a few at a time, and of each thread's first band the gradient of the linear
/// layer's weights, which needs no order, is left for the end.
///
/// The gain over the general plan, measured on the example network with 64 images, both plans in turn, least times (2 cores,
/// AVX2): a training step takes 2.91 ms instead of 3.22 on one thread and 1.48 instead of 1.64 on two (×1.11 both); an
/// evaluated batch takes 1.09 ms instead of 1.22 (×1.12) and 0.56 instead of 0.61 (×1.08). The command:
///
///     NORMSCOPE_MEASURE=1 swift test --disable-xctest --filter ShallowPlanMeasurement
final class ShallowPlan: ExecutionPlan {
    let input: InputBinding
    let loss: CrossEntropy
    let state = StepState()
    private let team: ThreadTeam
    private let rows: ShallowPlanExecutor

    private let measure: ParallelJob
    private let forward: ParallelJob
    private let lossGradient: ParallelJob
    private let backward: ParallelJob

    /// Whether a network has this shape.
    static func fits(_ graph: ComputationGraph) -> Bool {
        guard graph.nodes.count == 3, graph.features[0].isPlanar,
            case .convolution(let layer) = graph.nodes[0].kind,
            case .normalization(let normalization, rectified: true) = graph.nodes[1].kind,
            case .linear = graph.nodes[2].kind
        else { return false }
        return normalization.tracksStatistics && layer.dimensions == 2 && layer.kernel == [3, 3]
            && layer.dilation == [1, 1] && layer.stride == [1, 1] && layer.groups == 1
            && PatchMoments.fits(graph.features[0].planes)
    }

    /// - Precondition: the graph `fits`.
    init(_ request: PlanRequest) {
        let team = request.team, state = state, rows = ShallowPlanExecutor(request, state)
        self.team = team
        self.rows = rows
        input = InputBinding(rows.images, image: request.image)
        let loss = CrossEntropy(rows.logits, request)
        self.loss = loss
        measure = ParallelJob(pieces: ShallowPlanExecutor.measuringBands) { band, _ in rows.measure(band: band) }
        forward = ParallelJob(pieces: rows.forwardPieces) { piece, thread in rows.forward(piece: piece, thread: thread)
        }
        let tailWork = ParallelJob.TailWork(parts: rows.rowsInBand) { band, thread in
            rows.sumGradient(band: band, thread: thread)
        } end: { band, row, thread in
            rows.weightGradient(band: band, index: row, thread: thread)
        }
        backward = ParallelJob(pieces: ShallowPlanExecutor.bands, tailWork: team.count > 1 ? tailWork : nil) {
            rows.backward(band: $0, thread: $1)
        }
        let together = RowKernel.imagesTogether
        lossGradient = ParallelJob(pieces: (rows.group.count + together - 1) / together) { piece, _ in
            let first = rows.group.lowerBound + piece * together
            let images = first..<min(first + together, rows.group.upperBound)
            for image in images { rows.join(image) }
            guard let labels = state.labels else { return }
            loss.run(images, labels: labels, batch: state.mode == .training ? state.count : nil)
        }
    }

    /// None: the gradient is complete.
    var partialGradients: [PartialGradient] { [] }

    /// In training, goes as far back as it can before the whole batch is needed.
    func runForward(_ mode: StepState.Mode, _ batch: Batch) -> NonFinite? {
        state.begin(mode, batch)
        input.open(batch)
        if mode == .runningStatistics {
            rows.useRunningStatistics()
        } else {
            team.run(measure)
            if let problem = rows.finishMeasure() { return problem }
        }
        rows.fold()
        let size = rows.groupSize(mode)
        for first in stride(from: 0, to: state.count, by: size) {
            rows.group = first..<min(first + size, state.count)
            team.run(forward)
            team.run(lossGradient)
            if mode == .training { team.run(backward) }
        }
        return nil
    }

    func runBackward() { rows.finishGradient() }

    /// Weights are folded anew for each batch.
    func weightsChanged() {}
}
