import Kernels
import Tensors
import Threads

/// What a row-split plan keeps, and what it does with one row of some images.
///
/// A group of G images at a time, B blocks of sixteen channels, H rows of W pixels, K classes, T values of a patch.
final class RowMemory {
    private let convolution: ConvolutionOperation
    private let normalization: NormalizationOperation
    private let linear: LinearOperation
    private let kernel: RowKernel
    private let state: StepState
    private let patches: PatchMoments
    /// [H][G][B][W][16]: normalized and rectified outputs.
    private let outputs: AlignedBuffer<Float>
    private let rowStride: Int
    /// [thread][images][K][16]: sums of the linear layer over a lane's rows that are done.
    private let sums: ThreadMemory
    /// [lane][G][padded K]: sums over a lane's rows, the only thing of them that other threads read.
    private let totals: AlignedBuffer<Float>
    private let totalStride: Int
    /// For each thread, the gradient of a few columns or the outputs of a few images, to stay in the first-level cache.
    private let scratch: ThreadMemory
    /// The convolution with the normalization folded in: weights, then one bias a channel.
    private let folded: AlignedBuffer<Float>
    /// [B][T][16]: the covariance of patches and outputs, and Σ X·g of the gradient g of the normalization's output.
    private let covariance: AlignedBuffer<Double>
    private let products: AlignedBuffer<Double>
    /// [H][B][16]: Σ g of a row.
    private let gradientSums: AlignedBuffer<Double>

    static let lanes = StepState.maximumLanes
    /// Those of the patches' moments. From 64 images on, sums of rows are put away no more often than with eight lanes.
    static let measuringLanes = 16

    /// Images that go all the way forward and back before the next ones: few enough that what a thread keeps of them stays
    /// in its second-level cache (1 MiB in the design's example with two threads), many enough that threads seldom wait
    /// for each other. Without a way back nothing is kept but sums.
    func group(_ mode: StepState.Mode) -> Int { mode == .training ? Self.trainingGroup : Self.evaluationGroup }

    private static let trainingGroup = 32
    private static let evaluationGroup = 64
    /// The group that is under way.
    var images = 0..<0
    /// Images of a group that go through a lane's rows together on the way forward: so few that no thread waits long for
    /// another's last ones.
    private static let imagesForward = 8

    init(
        _ convolution: ConvolutionOperation, _ normalization: NormalizationOperation, _ linear: LinearOperation,
        state: StepState, layout: PlanarLayout, capacity: Int, threads: Int
    ) {
        self.convolution = convolution
        self.normalization = normalization
        self.linear = linear
        self.state = state
        kernel = RowKernel(
            layout: linear.input.blocked, linear: linear.kernel, convolution: convolution.weightGradient)
        patches = PatchMoments(layout, lanes: Self.measuringLanes)
        rowStride = min(capacity, Self.trainingGroup) * kernel.imageStride
        outputs = AlignedBuffer(count: kernel.height * rowStride)
        sums = ThreadMemory(threads: threads, count: Self.imagesForward * linear.kernel.outputs * laneCount)
        totalStride = min(capacity, Self.evaluationGroup) * linear.kernel.paddedOutputs
        totals = AlignedBuffer(count: Self.lanes * totalStride)
        scratch = ThreadMemory(
            threads: threads, count: max(RowKernel.scratchCount, RowKernel.imagesTogether * kernel.imageStride))
        folded = AlignedBuffer(count: convolution.weights.count + normalization.channels)
        covariance = AlignedBuffer(count: convolution.weights.count)
        products = AlignedBuffer(count: convolution.weights.count)
        gradientSums = AlignedBuffer(count: kernel.height * normalization.channels)
        convolution.joinsGradient = true
    }

    private func rows(ofLane lane: Int, of lanes: Int = lanes) -> Range<Int> {
        (kernel.height * lane / lanes)..<(kernel.height * (lane + 1) / lanes)
    }

    private var values: UnsafeMutablePointer<Float> { convolution.store.values.base }

    private func weights(_ block: Int) -> UnsafeMutablePointer<Float> {
        values + convolution.weight.offset + block * convolution.weights.blockStride
    }

    // MARK: Forward

    func measure(lane: Int) {
        patches.begin(lane: lane)
        for row in rows(ofLane: lane, of: Self.measuringLanes) {
            patches.measure(row: row, lane: lane, images: convolution.input.value(0), count: state.count)
        }
        patches.end(lane: lane)
    }

    /// The batch statistics of the convolution's output; says what isn't finite.
    func finishMeasure() -> NonFinite? {
        patches.join(count: state.count)
        for block in 0..<kernel.blocks {
            let moments = patches.output(
                weights(block), covariance: covariance.base + block * convolution.weights.blockStride)
            for lane in 0..<laneCount {
                let channel = block * laneCount + lane
                let bias = convolution.bias.map { Double(values[$0.offset + channel]) } ?? 0
                normalization.batchMean[channel] = moments.mean[lane] + bias
                normalization.batchVariance[channel] = moments.variance[lane]
            }
        }
        return normalization.useBatchStatistics(state)
    }

    /// Makes normalization a part of the convolution.
    func fold() {
        let target = ConvolutionOperation.Folded(
            weights: folded.base, bias: folded.base + convolution.weights.count)
        for block in 0..<kernel.blocks { convolution.foldBlock(block, normalization, into: target) }
    }

    /// Pieces that the group is divided into on the way forward: a lane's rows of some images, then of the next ones.
    var forwardPieces: Int { Self.lanes * forwardParts }

    private var forwardParts: Int { (images.count + Self.imagesForward - 1) / Self.imagesForward }

    /// A lane's rows of some images through convolution, normalization, ReLU and linear layer.
    func forward(piece: Int, thread: Int) {
        let (lane, part) = piece.quotientAndRemainder(dividingBy: forwardParts)
        let first = part * Self.imagesForward, end = min(first + Self.imagesForward, images.count)
        let sums = sums.base(thread)
        sums.update(repeating: 0, count: (end - first) * linear.kernel.outputs * laneCount)
        for row in rows(ofLane: lane) {
            for image in stride(from: first, to: end, by: RowKernel.imagesTogether) {
                forward(
                    row, image..<min(image + RowKernel.imagesTogether, end), thread,
                    into: sums + (image - first) * linear.kernel.outputs * laneCount)
            }
        }
        linear.kernel.addLanes(
            sums, images: end - first, into: totals.base + lane * totalStride + first * linear.kernel.paddedOutputs)
    }

    private func forward(_ row: Int, _ group: Range<Int>, _ thread: Int, into sums: UnsafeMutablePointer<Float>) {
        let target =
            state.mode == .training
            ? outputs.base + row * rowStride + group.lowerBound * kernel.imageStride
            : scratch.base(thread)
        for (index, image) in group.enumerated() {
            convolution.direct.runRow(
                row, from: convolution.input.value(images.lowerBound + image), weights: folded.base,
                bias: folded.base + convolution.weights.count, to: target + index * kernel.imageStride,
                blockStride: kernel.blockStride, rectify: true)
        }
        kernel.forward(
            target, row: row, images: group.count, weights: values + linear.weight.offset, into: sums)
    }

    /// The logits of one image of the group.
    func join(_ image: Int) {
        linear.kernel.join(
            totals.base + (image - images.lowerBound) * linear.kernel.paddedOutputs, parts: Self.lanes,
            stride: totalStride, bias: linear.biasValues, into: linear.output.value(image))
    }

    // MARK: Backward

    private var isFirstGroup: Bool { images.lowerBound == 0 }

    /// The rows of a lane back to what gradients are made of: `sumGradient`, which has to go through them in their order,
    /// and for each of them `weightGradient`.
    func backward(lane: Int, thread: Int) {
        beginBackward(lane)
        for row in rows(ofLane: lane) { kernel.backward(backwardInput(row), into: backwardOutput(row, lane, thread)) }
    }

    func sumGradient(lane: Int, thread: Int) {
        beginBackward(lane)
        for row in rows(ofLane: lane) {
            kernel.sumGradient(backwardInput(row), into: backwardOutput(row, lane, thread))
        }
    }

    /// Of the row `index` of a lane, if there is one.
    func weightGradient(lane: Int, index: Int, thread: Int) {
        guard let row = rows(ofLane: lane).dropFirst(index).first else { return }
        kernel.weightGradient(backwardInput(row), into: backwardOutput(row, lane, thread))
    }

    /// The most rows that a lane has.
    var rowsInLane: Int { (kernel.height + Self.lanes - 1) / Self.lanes }

    private func beginBackward(_ lane: Int) {
        guard isFirstGroup else { return }
        (convolution.partial.base + lane * convolution.extent).update(repeating: 0, count: convolution.extent)
    }

    private func backwardInput(_ row: Int) -> RowKernel.BackwardInput {
        .init(
            row: row, images: images.count,
            x: .init(convolution.input.value(images.lowerBound), stride: convolution.input.imageStride),
            y: outputs.base + row * rowStride,
            dy: .init(linear.output.gradient(images.lowerBound), stride: linear.output.imageStride),
            weights: values + linear.weight.offset)
    }

    private func backwardOutput(_ row: Int, _ lane: Int, _ thread: Int) -> RowKernel.BackwardOutput {
        .init(
            adding: !isFirstGroup, gradient: linear.store.gradients.base + linear.weight.offset,
            sum: gradientSums.base + row * normalization.channels,
            products: convolution.partial.base + lane * convolution.extent,
            scratch: scratch.base(thread))
    }

    /// The gradients of γ and β and of the convolution. With g for the gradient of the normalization's output, n values
    /// a channel and σ² = var + eps, the gradient of z is dz = γ/σ·(g − Σg/n − (z − mean)·Σ g·(z − mean)/(n·σ²)), and so
    ///
    ///     Σ X·dz = γ/σ·(Σ X·g − E[X]·Σg − Cov(X, z)·Σ g·(z − mean)/σ²)        Σ dz = 0
    func finishGradient() {
        NormalizationStatistics.sum(
            gradientSums.base, images: kernel.height, channels: normalization.channels,
            into: normalization.gradientSum.base)
        joinProducts()
        for block in 0..<kernel.blocks {
            let sum = SIMD16<Double>(at: normalization.gradientSum.base, block * laneCount)
            patches.center(products.base + block * convolution.weights.blockStride, sum: sum, weights: weights(block))
                .store(to: normalization.gradientProduct.base, block * laneCount)
        }
        normalization.useGradientSums(state)
        for block in 0..<kernel.blocks { finishWeights(block) }
        if let bias = convolution.bias {
            (convolution.store.gradients.base + bias.offset).update(repeating: 0, count: bias.extent)
        }
    }

    private func joinProducts() {
        for place in stride(from: 0, to: convolution.weights.count, by: laneCount) {
            var sum = SIMD16<Double>()
            for lane in 0..<Self.lanes {
                sum += SIMD16(Vector16(at: convolution.partial.base, lane &* convolution.extent &+ place))
            }
            sum.store(to: products.base, place)
        }
    }

    private func finishWeights(_ block: Int) {
        let values = Double(state.count * kernel.height * kernel.width)
        let slope = values * SIMD16<Double>(Vector16(at: normalization.gradientSlope.base, block * laneCount))
        let scale = SIMD16<Double>(Vector16(at: normalization.scale.base, block * laneCount))
        let start = block * convolution.weights.blockStride, gradient = convolution.store.gradients.base
        for place in stride(from: start, to: start + convolution.weights.blockStride, by: laneCount) {
            let product = SIMD16(at: products.base, place) - slope * SIMD16(at: covariance.base, place)
            Vector16(scale * product).store(to: gradient, convolution.weight.offset + place)
        }
    }
}
