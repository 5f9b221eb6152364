import Kernels
import Tensors
import Threads

/// BatchNorm1d, BatchNorm2d, BatchNorm3d, and the ReLU behind it if there is one.
///
/// C is the padded number of channels. Beyond the layer's own channels, scale, mean and bias are zero, so that padding
/// stays zero.
final class NormalizationOperation: Operation {
    let layer: NormalizationLayer
    let weight: Parameter?
    let bias: Parameter?
    private(set) var batchesTracked: Int64 = 0
    /// How running statistics follow the batches'; nil is the mean of all of them.
    var momentum: Double?
    /// [C] each.
    let runningMean: AlignedBuffer<Float>
    let runningVariance: AlignedBuffer<Float>
    /// Of the last completed training step.
    let shownMean: AlignedBuffer<Float>
    let shownVariance: AlignedBuffer<Float>

    /// Of the present batch, [C] each.
    let batchMean: AlignedBuffer<Double>
    let batchVariance: AlignedBuffer<Double>
    private let store: ParameterStore
    private let kernel: NormalizationKernel
    let rectified: Bool
    let channels: Int
    private let size: Int
    /// [image][C]: an image's mean and M₂ on the way forward, Σdy and Σdy·(x−μ) on the way back.
    private let first: AlignedBuffer<Double>
    private let second: AlignedBuffer<Double>
    /// Σdy and Σdy·(x−μ) over the batch, [C] each.
    let gradientSum: AlignedBuffer<Double>
    let gradientProduct: AlignedBuffer<Double>
    /// What the kernels read, [C] each.
    let mean: AlignedBuffer<Float>
    let scale: AlignedBuffer<Float>
    let shift: AlignedBuffer<Float>
    let gradientOffset: AlignedBuffer<Float>
    let gradientSlope: AlignedBuffer<Float>

    init(
        _ node: Blueprint.Node, _ layer: NormalizationLayer, rectified: Bool, _ store: ParameterStore,
        _ input: FeatureMemory, _ output: FeatureMemory, capacity: Int
    ) {
        self.layer = layer
        momentum = layer.momentum
        self.store = store
        self.rectified = rectified
        weight = layer.affine ? store.add("\(node.name).weight", channels: layer.channels) : nil
        bias = layer.bias ? store.add("\(node.name).bias", channels: layer.channels) : nil
        channels = output.blocked.paddedChannels
        size = output.blocked.extent.volume
        let outputGradient = output.gradientLayout ?? output.blocked
        kernel = NormalizationKernel(
            input: input.blocked, output: output.blocked, outputGradient: outputGradient,
            inputGradient: input.gradientLayout ?? input.blocked)
        runningMean = AlignedBuffer(count: channels)
        runningVariance = AlignedBuffer(count: channels)
        shownMean = AlignedBuffer(count: channels)
        shownVariance = AlignedBuffer(count: channels)
        batchMean = AlignedBuffer(count: channels)
        batchVariance = AlignedBuffer(count: channels)
        first = AlignedBuffer(count: capacity * channels)
        second = AlignedBuffer(count: capacity * channels)
        gradientSum = AlignedBuffer(count: channels)
        gradientProduct = AlignedBuffer(count: channels)
        mean = AlignedBuffer(count: channels)
        scale = AlignedBuffer(count: channels)
        shift = AlignedBuffer(count: channels)
        gradientOffset = AlignedBuffer(count: channels)
        gradientSlope = AlignedBuffer(count: channels)
        for channel in 0..<layer.channels { runningVariance[channel] = 1 }
        super.init(name: node.name, input: input, output: output)
    }

    // MARK: Forward

    override func isSplit(_ mode: StepState.Mode) -> Bool { mode != .runningStatistics || !layer.tracksStatistics }

    override func prepare(_ state: StepState) {
        guard !isSplit(state.mode) else { return }
        for channel in 0..<layer.channels {
            setScale(channel, mean: Double(runningMean[channel]), variance: Double(runningVariance[channel]))
        }
    }

    override func measure(_ images: Range<Int>) {
        for image in images {
            kernel.moments(
                input.value(image), mean: first.base + image * channels, squares: second.base + image * channels)
        }
    }

    override func finishMeasure(_ state: StepState) -> NonFinite? {
        NormalizationStatistics.join(
            means: first.base, squares: second.base, images: state.count, size: size, channels: channels,
            mean: batchMean.base, variance: batchVariance.base)
        return useBatchStatistics(state)
    }

    /// Makes `batchMean` and `batchVariance` what the batch is normalized with, if they are finite.
    func useBatchStatistics(_ state: StepState) -> NonFinite? {
        for channel in 0..<layer.channels {
            if !batchMean[channel].isFinite { return nonFinite(.batchMean, channel) }
            // One value a channel has no unbiased variance.
            let isAlone = state.mode == .training && state.count * size == 1
            if isAlone || !batchVariance[channel].isFinite { return nonFinite(.batchVariance, channel) }
            setScale(channel, mean: batchMean[channel], variance: batchVariance[channel])
        }
        return nil
    }

    private func nonFinite(_ quantity: NonFinite.Quantity, _ channel: Int) -> NonFinite {
        NonFinite(layer: name, quantity: quantity, channel: channel)
    }

    private func setScale(_ channel: Int, mean center: Double, variance: Double) {
        let gamma = weight.map { Double(store.values[$0.offset + channel]) } ?? 1
        mean[channel] = Float(center)
        scale[channel] = Float(gamma / (variance + layer.epsilon).squareRoot())
        shift[channel] = bias.map { store.values[$0.offset + channel] } ?? 0
    }

    override func forward(_ images: Range<Int>, _ worker: Worker) {
        for image in images {
            kernel.normalize(
                input.value(image), into: output.value(image, worker), mean: mean.base, scale: scale.base,
                bias: shift.base,
                rectify: rectified)
        }
    }

    // MARK: Backward

    override var isBackwardSplit: Bool { true }

    override func measureGradient(_ images: Range<Int>) {
        for image in images {
            kernel.gradientSums(
                x: input.value(image), dy: output.gradient(image), mean: mean.base, scale: scale.base,
                bias: shift.base, rectified: rectified, sum: first.base + image * channels,
                product: second.base + image * channels)
        }
    }

    override func finishGradient(_ state: StepState) {
        NormalizationStatistics.sum(first.base, images: state.count, channels: channels, into: gradientSum.base)
        NormalizationStatistics.sum(second.base, images: state.count, channels: channels, into: gradientProduct.base)
        useGradientSums(state)
    }

    /// Gradients of γ and β, and what the gradient of the input subtracts, from `gradientSum` and `gradientProduct`.
    func useGradientSums(_ state: StepState) {
        let values = Double(state.count * size)
        for channel in 0..<layer.channels {
            let inverse = 1 / (batchVariance.base[channel] + layer.epsilon).squareRoot()
            gradientOffset.base[channel] = Float(gradientSum.base[channel] / values)
            gradientSlope.base[channel] = Float(gradientProduct.base[channel] * inverse * inverse / values)
            if let weight {
                store.gradients.base[weight.offset + channel] = Float(gradientProduct.base[channel] * inverse)
            }
            if let bias { store.gradients.base[bias.offset + channel] = Float(gradientSum.base[channel]) }
        }
    }

    override func backward(_ images: Range<Int>, _ worker: Worker) {
        guard input.gradientLayout != nil else { return }
        for image in images {
            kernel.inputGradient(
                x: input.value(image), dy: output.gradient(image), into: input.gradient(image), mean: mean.base,
                scale: scale.base, offset: gradientOffset.base, slope: gradientSlope.base)
        }
    }

    // MARK: Running statistics

    /// Ends a training step: r ← (1−momentum)·r + momentum·batch, the variance going in unbiased.
    func updateRunningStatistics(_ state: StepState) {
        for channel in 0..<layer.channels {
            shownMean.base[channel] = Float(batchMean.base[channel])
            shownVariance.base[channel] = Float(batchVariance.base[channel])
        }
        guard layer.tracksStatistics else { return }
        batchesTracked += 1
        let momentum = momentum ?? 1 / Double(batchesTracked)
        let values = Double(state.count * size)
        for channel in 0..<layer.channels {
            let unbiased = batchVariance.base[channel] * values / (values - 1)
            runningMean.base[channel] = Float(
                (1 - momentum) * Double(runningMean.base[channel]) + momentum * batchMean.base[channel])
            runningVariance.base[channel] = Float(
                (1 - momentum) * Double(runningVariance.base[channel]) + momentum * unbiased)
        }
    }

    /// γ or β, one value a channel.
    func parameterValues(_ parameter: Parameter?) -> [Float]? {
        parameter.map { Array(store.values.elements[$0.offset..<($0.offset + layer.channels)]) }
    }

    func setRunningStatistics(mean: [Float], variance: [Float], batchesTracked: Int64) {
        for channel in 0..<layer.channels {
            runningMean[channel] = mean[channel]
            runningVariance[channel] = variance[channel]
        }
        self.batchesTracked = batchesTracked
    }
}
