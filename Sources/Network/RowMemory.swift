import Tensors

/// What a row-split plan keeps, and what it does with one row of all images.
///
/// N images, B blocks of sixteen channels, H rows of W pixels, K classes.
final class RowMemory {
    private let convolution: ConvolutionOperation
    private let normalization: NormalizationOperation
    private let linear: LinearOperation
    private let kernel: RowKernel
    private let state: StepState
    /// [H][N][B][W][16]: the convolution's output.
    private let raw: AlignedBuffer<Float>
    private let rowStride: Int
    /// [lane][N][K][16]: sums of the linear layer over a lane's rows.
    private let sums: AlignedBuffer<Float>
    private let laneStride: Int
    /// A few rows for each lane, to stay in the first-level cache.
    private let scratch: AlignedBuffer<Float>
    private let scratchStride: Int
    /// The convolution with the running statistics folded in: weights, then one bias a channel.
    private let folded: AlignedBuffer<Float>

    static let lanes = StepState.maximumLanes

    init(
        _ convolution: ConvolutionOperation, _ normalization: NormalizationOperation, _ linear: LinearOperation,
        _ kernel: RowKernel, state: StepState, capacity: Int
    ) {
        self.convolution = convolution
        self.normalization = normalization
        self.linear = linear
        self.kernel = kernel
        self.state = state
        rowStride = capacity * kernel.imageStride
        raw = AlignedBuffer(count: kernel.height * rowStride)
        laneStride = capacity * linear.kernel.outputs * laneCount
        sums = AlignedBuffer(count: Self.lanes * laneStride)
        scratchStride = 4 * max(kernel.imageStride, 2 * LinearKernel.chunk * laneCount)
        scratch = AlignedBuffer(count: Self.lanes * scratchStride)
        folded = AlignedBuffer(count: convolution.weights.count + normalization.channels)
    }

    /// Which way a phase goes through the rows: every other one begins where the one before ended, with the rows that are
    /// still in the second-level cache.
    enum Direction {
        case down, up

        func forEach(in range: Range<Int>, _ body: (Int) -> Void) {
            switch self {
            case .down: for index in range { body(index) }
            case .up: for index in range.reversed() { body(index) }
            }
        }
    }

    /// Each thread goes through its lanes, and through a lane's rows.
    func work(
        _ team: ThreadTeam, _ direction: Direction, begin: @escaping (_ lane: Int) -> Void = { _ in },
        _ body: @escaping (_ row: Int, _ lane: Int) -> Void
    ) -> TeamWork {
        let height = kernel.height
        return TeamWork { thread in
            direction.forEach(in: team.share(of: Self.lanes, thread: thread)) { lane in
                begin(lane)
                direction.forEach(in: (height * lane / Self.lanes)..<(height * (lane + 1) / Self.lanes)) { row in
                    body(row, lane)
                }
            }
        }
    }

    func clearSums(_ lane: Int) {
        (sums.base + lane * laneStride).update(repeating: 0, count: state.count * linear.kernel.outputs * laneCount)
    }

    private var values: UnsafeMutablePointer<Float> { convolution.store.values.base }

    private var constants: RowKernel.Normalization {
        .init(mean: normalization.mean.base, scale: normalization.scale.base, bias: normalization.shift.base)
    }

    // MARK: Forward

    func measure(_ row: Int) {
        let target = raw.base + row * rowStride
        let bias = convolution.bias.map { UnsafePointer(values + $0.offset) }
        for image in 0..<state.count {
            convolution.direct.runRow(
                row, from: convolution.input.value(image), weights: values + convolution.weight.offset, bias: bias,
                to: target + image * kernel.imageStride, blockStride: kernel.blockStride)
        }
        let place = row * normalization.channels
        kernel.moments(
            target, images: state.count, mean: normalization.first.base + place,
            squares: normalization.second.base + place)
    }

    func forward(_ row: Int, _ lane: Int) {
        kernel.forward(
            raw.base + row * rowStride, row: row, images: state.count, constants,
            weights: values + linear.weight.offset, into: sums.base + lane * laneStride,
            scratch: scratch.base + lane * scratchStride)
    }

    /// One image's logits, from the lanes' sums.
    func total(_ image: Int) {
        linear.kernel.total(
            sums.base + image * linear.kernel.outputs * laneCount, parts: Self.lanes, stride: laneStride,
            bias: linear.biasValues, into: linear.output.value(image))
    }

    // MARK: Backward

    func backward(_ row: Int, _ lane: Int) {
        let place = row * normalization.channels
        kernel.backward(
            raw.base + row * rowStride, row: row,
            dy: .init(linear.output.gradients.base, stride: linear.output.imageStride), images: state.count, constants,
            weights: values + linear.weight.offset, gradient: linear.store.gradients.base + linear.weight.offset,
            sum: normalization.first.base + place, product: normalization.second.base + place,
            scratch: scratch.base + lane * scratchStride)
    }

    func weightGradient(_ row: Int, _ lane: Int) {
        let dz = scratch.base + lane * scratchStride
        let share = convolution.partial.base + lane * convolution.extent
        let outputs = linear.output.imageStride
        for image in stride(from: 0, to: state.count, by: 4) {
            let group = min(4, state.count - image)
            kernel.inputGradient(
                raw.base + row * rowStride + image * kernel.imageStride, row: row,
                dy: .init(linear.output.gradients.base + image * outputs, stride: outputs), images: group, constants,
                offset: normalization.gradientOffset.base, slope: normalization.gradientSlope.base,
                weights: values + linear.weight.offset, into: dz)
            for index in 0..<group {
                convolution.weightGradient.accumulateRow(
                    row, x: convolution.input.value(image + index), dy: dz + index * kernel.imageStride,
                    blockStride: kernel.blockStride, into: share,
                    bias: convolution.bias.map { _ in share + convolution.weight.extent })
            }
        }
    }

    // MARK: Evaluation

    func fold() {
        let target = ConvolutionOperation.Folded(
            weights: folded.base, bias: folded.base + convolution.weights.count)
        for block in 0..<convolution.weights.outputBlocks {
            convolution.foldBlock(block, normalization, into: target)
        }
    }

    /// Four images' rows through convolution, ReLU and linear layer, in the first-level cache.
    func evaluate(_ row: Int, _ lane: Int) {
        let rows = scratch.base + lane * scratchStride
        for image in stride(from: 0, to: state.count, by: 4) {
            let group = min(4, state.count - image)
            for index in 0..<group {
                convolution.direct.runRow(
                    row, from: convolution.input.value(image + index), weights: folded.base,
                    bias: folded.base + convolution.weights.count, to: rows + index * kernel.imageStride,
                    blockStride: kernel.blockStride, rectify: true)
            }
            kernel.forwardFolded(
                rows, row: row, images: group, weights: values + linear.weight.offset,
                into: sums.base + lane * laneStride + image * linear.kernel.outputs * laneCount)
        }
    }
}
