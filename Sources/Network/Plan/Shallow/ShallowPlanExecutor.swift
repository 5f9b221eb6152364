import Kernels
import Tensors
import Threads

/// The memory of a shallow plan, and what its jobs do with one row of some images.
///
/// A group of G images at a time, B blocks of sixteen channels, H rows of W pixels, K classes, T values of a patch.
final class ShallowPlanExecutor {
    let images: Activation
    let logits: Activation
    private let convolution: ConvolutionParameters
    private let normalization: BatchNormalization
    private let linear: LinearParameters
    private let state: StepState
    private let direct: DirectConvolution
    private let kernel: RowKernel
    private let patches: PatchMoments
    /// [H][G][B][W][16]: normalized and rectified outputs.
    private let outputs: AlignedBuffer<Float>
    private let rowStride: Int
    /// [thread][images][K][16]: sums of the linear layer over a band's rows that are done.
    private let sums: ThreadMemory
    /// [band][G][padded K]: sums over a band's rows, the only thing of them that other threads read.
    private let totals: AlignedBuffer<Float>
    private let totalStride: Int
    /// For each thread, the gradient of a few columns or the outputs of a few images, to stay in the first-level cache.
    private let scratch: ThreadMemory
    /// The convolution with the normalization folded in: weights, then one bias a channel.
    private let folded: AlignedBuffer<Float>
    /// [C] each: mean and variance of the batch, and Σ g and Σ g·(z − mean) of the gradient g of the normalization's output.
    private let mean: AlignedBuffer<Double>
    private let variance: AlignedBuffer<Double>
    private let gradientSum: AlignedBuffer<Double>
    private let gradientProduct: AlignedBuffer<Double>
    /// [B][T][16]: the covariance of patches and outputs, and Σ X·g.
    private let covariance: AlignedBuffer<Double>
    private let products: AlignedBuffer<Double>
    /// [band][B][T][16]: Σ X·g of a band's rows.
    private let partialProducts: AlignedBuffer<Float>
    /// [H][B][16]: Σ g of a row.
    private let rowGradientSums: AlignedBuffer<Double>

    /// Neighbouring rows that are joined into one piece of a job, over which sums are taken.
    static let bands = 8
    /// Those of the patches' moments. From 64 images on, sums of rows are put away no more often than with eight bands.
    static let measuringBands = 16

    /// Images that go all the way forward and back before the next ones: few enough that what a thread keeps of them stays
    /// in its second-level cache (1 MiB for `batchnorm-cnn.yaml` with two threads), many enough that threads seldom wait
    /// for each other. Without a way back nothing is kept but sums.
    func groupSize(_ mode: StepState.Mode) -> Int { mode == .training ? Self.trainingGroup : Self.evaluationGroup }

    private static let trainingGroup = 32
    private static let evaluationGroup = 64
    /// The group that is under way.
    var group = 0..<0
    /// Images of a group that go through a band's rows together on the way forward: so few that no thread waits long for
    /// another's last ones.
    private static let imagesForward = 8

    init(_ request: PlanRequest, _ state: StepState) {
        let graph = request.graph, features = graph.features, store = request.store, capacity = request.capacity
        guard case .convolution(let layer) = graph.nodes[0].kind,
            case .normalization(let normalizationLayer, _) = graph.nodes[1].kind,
            case .linear(_, let classes, let bias) = graph.nodes[2].kind
        else { preconditionFailure("the network has another shape") }
        self.state = state
        images = Activation(features[0], capacity: capacity, sharing: nil, gradients: nil)
        logits = Activation(
            features[3], capacity: capacity, sharing: nil,
            gradients: AlignedBuffer(count: capacity * features[3].gradientLayout.imageStride))
        let convolution = ConvolutionParameters(graph.nodes[0].name, layer, input: images.layout, store)
        normalization = BatchNormalization(graph.nodes[1].name, normalizationLayer, output: features[2].blocks, store)
        let linear = LinearParameters(
            graph.nodes[2].name, outputs: classes, bias: bias, input: features[2].blocks, store)
        store.allocate()
        self.convolution = convolution
        self.linear = linear
        direct = DirectConvolution(layer.geometry, from: images.layout, to: features[1].blocks)
        kernel = RowKernel(
            layout: features[2].blocks, linear: linear.kernel,
            convolution: ConvolutionWeightGradient(layer.geometry, from: images.layout, to: features[1].gradientLayout))
        patches = PatchMoments(features[0].planes, bands: Self.measuringBands)
        rowStride = min(capacity, Self.trainingGroup) * kernel.imageStride
        outputs = AlignedBuffer(count: kernel.height * rowStride)
        let threads = request.team.count, weightCount = convolution.weights.count, channels = normalization.channels
        sums = ThreadMemory(threads: threads, count: Self.imagesForward * classes * laneCount)
        totalStride = min(capacity, Self.evaluationGroup) * linear.kernel.paddedOutputs
        totals = AlignedBuffer(count: Self.bands * totalStride)
        scratch = ThreadMemory(
            threads: threads, count: max(RowKernel.scratchCount, RowKernel.imagesTogether * kernel.imageStride))
        folded = AlignedBuffer(count: weightCount + channels)
        mean = AlignedBuffer(count: channels)
        variance = AlignedBuffer(count: channels)
        gradientSum = AlignedBuffer(count: channels)
        gradientProduct = AlignedBuffer(count: channels)
        covariance = AlignedBuffer(count: weightCount)
        products = AlignedBuffer(count: weightCount)
        partialProducts = AlignedBuffer(count: Self.bands * weightCount)
        rowGradientSums = AlignedBuffer(count: kernel.height * channels)
    }

    private func rows(ofBand band: Int, of bands: Int = bands) -> Range<Int> {
        (kernel.height * band / bands)..<(kernel.height * (band + 1) / bands)
    }

    private func weights(_ block: Int) -> UnsafeMutablePointer<Float> {
        convolution.weightValues + block * convolution.weights.blockStride
    }

    // MARK: Forward

    func measure(band: Int) {
        patches.begin(band: band)
        for row in rows(ofBand: band, of: Self.measuringBands) {
            patches.measure(row: row, band: band, images: images.value(0), count: state.count)
        }
        patches.end(band: band)
    }

    /// The batch statistics of the convolution's output; says what isn't finite.
    func finishMeasure() -> NonFinite? {
        patches.join(count: state.count)
        for block in 0..<kernel.blocks {
            let moments = patches.output(
                weights(block), covariance: covariance.base + block * convolution.weights.blockStride)
            for lane in 0..<laneCount {
                let channel = block * laneCount + lane
                let bias = convolution.biasValues.map { Double($0[channel]) } ?? 0
                mean[channel] = moments.mean[lane] + bias
                variance[channel] = moments.variance[lane]
            }
        }
        return normalization.useBatchStatistics(mean: mean.base, variance: variance.base, state)
    }

    func useRunningStatistics() { normalization.useRunningStatistics() }

    /// Makes normalization a part of the convolution.
    func fold() {
        let target = ConvolutionParameters.Folded(
            weights: folded.base, bias: folded.base + convolution.weights.count)
        for block in 0..<kernel.blocks { convolution.fold(block: block, normalization, into: target) }
    }

    /// Pieces that the group is divided into on the way forward: a band's rows of some images, then of the next ones.
    var forwardPieces: Int { Self.bands * forwardParts }

    private var forwardParts: Int { (group.count + Self.imagesForward - 1) / Self.imagesForward }

    /// A band's rows of some images through convolution, normalization, ReLU and linear layer.
    func forward(piece: Int, thread: Int) {
        let (band, part) = piece.quotientAndRemainder(dividingBy: forwardParts)
        let first = part * Self.imagesForward, end = min(first + Self.imagesForward, group.count)
        let sums = sums.base(thread)
        sums.update(repeating: 0, count: (end - first) * linear.kernel.outputs * laneCount)
        for row in rows(ofBand: band) {
            for image in stride(from: first, to: end, by: RowKernel.imagesTogether) {
                forward(
                    row, image..<min(image + RowKernel.imagesTogether, end), thread,
                    into: sums + (image - first) * linear.kernel.outputs * laneCount)
            }
        }
        linear.kernel.addLanes(
            sums, images: end - first, into: totals.base + band * totalStride + first * linear.kernel.paddedOutputs)
    }

    private func forward(_ row: Int, _ part: Range<Int>, _ thread: Int, into sums: UnsafeMutablePointer<Float>) {
        let target =
            state.mode == .training
            ? outputs.base + row * rowStride + part.lowerBound * kernel.imageStride
            : scratch.base(thread)
        for (index, image) in part.enumerated() {
            direct.runRow(
                row, from: images.value(group.lowerBound + image), weights: folded.base,
                bias: folded.base + convolution.weights.count, to: target + index * kernel.imageStride,
                blockStride: kernel.blockStride, rectify: true)
        }
        kernel.forward(
            target, row: row, images: part.count, weights: linear.weightValues, into: sums)
    }

    /// The logits of one image of the group.
    func join(_ image: Int) {
        linear.kernel.join(
            totals.base + (image - group.lowerBound) * linear.kernel.paddedOutputs, parts: Self.bands,
            stride: totalStride, bias: linear.biasValues, into: logits.value(image))
    }

    // MARK: Backward

    private var isFirstGroup: Bool { group.lowerBound == 0 }

    /// The rows of a band back to what gradients are made of: `sumGradient`, which has to go through them in their order,
    /// and for each of them `weightGradient`.
    func backward(band: Int, thread: Int) {
        beginBackward(band)
        for row in rows(ofBand: band) { kernel.backward(backwardInput(row), into: backwardOutput(row, band, thread)) }
    }

    func sumGradient(band: Int, thread: Int) {
        beginBackward(band)
        for row in rows(ofBand: band) {
            kernel.sumGradient(backwardInput(row), into: backwardOutput(row, band, thread))
        }
    }

    /// Of the row `index` of a band, if there is one.
    func weightGradient(band: Int, index: Int, thread: Int) {
        guard let row = rows(ofBand: band).dropFirst(index).first else { return }
        kernel.weightGradient(backwardInput(row), into: backwardOutput(row, band, thread))
    }

    /// The most rows that a band has.
    var rowsInBand: Int { (kernel.height + Self.bands - 1) / Self.bands }

    private func beginBackward(_ band: Int) {
        guard isFirstGroup else { return }
        let count = convolution.weights.count
        (partialProducts.base + band * count).update(repeating: 0, count: count)
    }

    private func backwardInput(_ row: Int) -> RowKernel.BackwardInput {
        .init(
            row: row, images: group.count,
            x: .init(images.value(group.lowerBound), stride: images.imageStride),
            y: outputs.base + row * rowStride,
            dy: .init(logits.gradient(group.lowerBound), stride: logits.imageStride), weights: linear.weightValues)
    }

    private func backwardOutput(_ row: Int, _ band: Int, _ thread: Int) -> RowKernel.BackwardOutput {
        .init(
            adding: !isFirstGroup, gradient: linear.weightGradient,
            sum: rowGradientSums.base + row * normalization.channels,
            products: partialProducts.base + band * convolution.weights.count, scratch: scratch.base(thread))
    }

    /// The gradients of γ and β, of the convolution, and of the linear layer's bias.
    ///
    /// With g for the gradient of the normalization's output, n values a channel and σ² = var + eps, the gradient of z is dz = γ/σ·(g − Σg/n − (z − mean)·Σ g·(z − mean)/(n·σ²)), and so
    ///
    ///     Σ X·dz = γ/σ·(Σ X·g − E[X]·Σg − Cov(X, z)·Σ g·(z − mean)/σ²)        Σ dz = 0
    func finishGradient() {
        linear.takeBiasGradient(logits, count: state.count)
        NormalizationStatistics.sum(
            rowGradientSums.base, images: kernel.height, channels: normalization.channels, into: gradientSum.base)
        joinProducts()
        for block in 0..<kernel.blocks {
            let sum = SIMD16<Double>(at: gradientSum.base, block * laneCount)
            patches.center(products.base + block * convolution.weights.blockStride, sum: sum, weights: weights(block))
                .store(to: gradientProduct.base, block * laneCount)
        }
        normalization.useGradientSums(gradientSum.base, product: gradientProduct.base, state)
        for block in 0..<kernel.blocks { finishWeights(block) }
        if let bias = convolution.bias {
            (convolution.store.gradients.base + bias.offset).update(repeating: 0, count: bias.extent)
        }
    }

    private func joinProducts() {
        for place in stride(from: 0, to: convolution.weights.count, by: laneCount) {
            var sum = SIMD16<Double>()
            for band in 0..<Self.bands {
                sum += SIMD16(Vector16(at: partialProducts.base, band &* convolution.weights.count &+ place))
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
