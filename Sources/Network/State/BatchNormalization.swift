import Tensors

/// One batch normalization layer: its parameters and running statistics, and what the present batch gives.
///
/// C is the padded number of channels. Beyond the layer's own channels, scale, mean and bias are zero, so that padding
/// stays zero.
final class BatchNormalization {
    let name: String
    let layer: NormalizationLayer
    /// C.
    let channels: Int
    let weight: Parameter?
    let bias: Parameter?
    private let store: ParameterStore
    /// Values of a channel in one image.
    private let valuesPerChannel: Int

    private(set) var batchesTracked: Int64 = 0
    /// How running statistics follow the batches'; nil is the mean of all of them.
    var momentum: Double?
    /// [C] each, as all that follow.
    let runningMean: AlignedBuffer<Float>
    let runningVariance: AlignedBuffer<Float>
    /// Of the last completed training step.
    let lastBatchMean: AlignedBuffer<Float>
    let lastBatchVariance: AlignedBuffer<Float>
    /// Of the present batch.
    private let batchMean: AlignedBuffer<Double>
    private let batchVariance: AlignedBuffer<Double>
    /// What the kernels read.
    let mean: AlignedBuffer<Float>
    let scale: AlignedBuffer<Float>
    let shift: AlignedBuffer<Float>
    let gradientOffset: AlignedBuffer<Float>
    let gradientSlope: AlignedBuffer<Float>

    /// - Parameter output: the layout of what the layer normalizes.
    init(_ name: String, _ layer: NormalizationLayer, output: BlockedLayout, _ store: ParameterStore) {
        self.name = name
        self.layer = layer
        self.store = store
        momentum = layer.momentum
        weight = layer.affine ? store.add("\(name).weight", channels: layer.channels) : nil
        bias = layer.bias ? store.add("\(name).bias", channels: layer.channels) : nil
        channels = output.paddedChannels
        valuesPerChannel = output.extent.volume
        runningMean = AlignedBuffer(count: channels)
        runningVariance = AlignedBuffer(count: channels)
        lastBatchMean = AlignedBuffer(count: channels)
        lastBatchVariance = AlignedBuffer(count: channels)
        batchMean = AlignedBuffer(count: channels)
        batchVariance = AlignedBuffer(count: channels)
        mean = AlignedBuffer(count: channels)
        scale = AlignedBuffer(count: channels)
        shift = AlignedBuffer(count: channels)
        gradientOffset = AlignedBuffer(count: channels)
        gradientSlope = AlignedBuffer(count: channels)
        for channel in 0..<layer.channels { runningVariance[channel] = 1 }
        store.add(self)
    }

    // MARK: Statistics

    /// Whether a batch is normalized with its own statistics.
    func usesBatchStatistics(_ mode: StepState.Mode) -> Bool { mode != .runningStatistics || !layer.tracksStatistics }

    func useRunningStatistics() {
        for channel in 0..<layer.channels {
            setScale(channel, mean: Double(runningMean[channel]), variance: Double(runningVariance[channel]))
        }
    }

    /// Takes over the batch's mean and biased variance, [C] each, if they are finite; says what isn't.
    func useBatchStatistics(
        mean: UnsafePointer<Double>, variance: UnsafePointer<Double>, _ state: StepState
    ) -> NonFinite? {
        for channel in 0..<layer.channels {
            batchMean[channel] = mean[channel]
            batchVariance[channel] = variance[channel]
            if !mean[channel].isFinite { return nonFinite(.batchMean, channel) }
            // One value a channel has no unbiased variance.
            let isAlone = state.mode == .training && state.count * valuesPerChannel == 1
            if isAlone || !variance[channel].isFinite { return nonFinite(.batchVariance, channel) }
            setScale(channel, mean: mean[channel], variance: variance[channel])
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

    /// Gradients of γ and β, and what the gradient of the input subtracts, from Σdy and Σdy·(x−μ) over the batch, [C] each.
    func useGradientSums(_ sum: UnsafePointer<Double>, product: UnsafePointer<Double>, _ state: StepState) {
        let values = Double(state.count * valuesPerChannel)
        for channel in 0..<layer.channels {
            let inverse = 1 / (batchVariance.base[channel] + layer.epsilon).squareRoot()
            gradientOffset.base[channel] = Float(sum[channel] / values)
            gradientSlope.base[channel] = Float(product[channel] * inverse * inverse / values)
            if let weight { store.gradients.base[weight.offset + channel] = Float(product[channel] * inverse) }
            if let bias { store.gradients.base[bias.offset + channel] = Float(sum[channel]) }
        }
    }

    /// Ends a training step: r ← (1−momentum)·r + momentum·batch, the variance going in unbiased.
    func updateRunningStatistics(_ state: StepState) {
        for channel in 0..<layer.channels {
            lastBatchMean.base[channel] = Float(batchMean.base[channel])
            lastBatchVariance.base[channel] = Float(batchVariance.base[channel])
        }
        guard layer.tracksStatistics else { return }
        batchesTracked += 1
        let momentum = momentum ?? 1 / Double(batchesTracked)
        let values = Double(state.count * valuesPerChannel)
        for channel in 0..<layer.channels {
            let unbiased = batchVariance.base[channel] * values / (values - 1)
            runningMean.base[channel] = Float(
                (1 - momentum) * Double(runningMean.base[channel]) + momentum * batchMean.base[channel])
            runningVariance.base[channel] = Float(
                (1 - momentum) * Double(runningVariance.base[channel]) + momentum * unbiased)
        }
    }

    // MARK: State

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
