import Kernels
import Tensors

/// The operation of BatchNorm1d, BatchNorm2d and BatchNorm3d, with the ReLU behind it if there is one.
final class NormalizationOperation: BatchStatisticsOperation {
    let input: Activation
    let output: Activation
    let normalization: BatchNormalization
    let rectified: Bool
    private let kernel: NormalizationKernel
    private let channels: Int
    private let size: Int
    /// [image][C]: an image's mean and M₂ on the way forward, Σdy and Σdy·(x−μ) on the way back.
    private let first: AlignedBuffer<Double>
    private let second: AlignedBuffer<Double>
    /// The same joined over the batch: mean and variance, or the two sums, [C] each.
    private let joinedFirst: AlignedBuffer<Double>
    private let joinedSecond: AlignedBuffer<Double>

    init(
        _ normalization: BatchNormalization, rectified: Bool, _ input: Activation, _ output: Activation, capacity: Int
    ) {
        self.normalization = normalization
        self.rectified = rectified
        self.input = input
        self.output = output
        channels = normalization.channels
        size = output.blocked.extent.volume
        let outputGradient = output.gradientLayout ?? output.blocked
        kernel = NormalizationKernel(
            input: input.blocked, output: output.blocked, outputGradient: outputGradient,
            inputGradient: input.gradientLayout ?? input.blocked)
        first = AlignedBuffer(count: capacity * channels)
        second = AlignedBuffer(count: capacity * channels)
        joinedFirst = AlignedBuffer(count: channels)
        joinedSecond = AlignedBuffer(count: channels)
    }

    // MARK: Forward

    func isSplit(_ mode: StepState.Mode) -> Bool { normalization.usesBatchStatistics(mode) }

    func prepare(_ state: StepState) {
        if !isSplit(state.mode) { normalization.useRunningStatistics() }
    }

    func measure(_ images: Range<Int>) {
        for image in images {
            kernel.moments(
                input.value(image), mean: first.base + image * channels, squares: second.base + image * channels)
        }
    }

    func finishMeasure(_ state: StepState) -> NonFinite? {
        NormalizationStatistics.join(
            means: first.base, squares: second.base, images: state.count, size: size, channels: channels,
            mean: joinedFirst.base, variance: joinedSecond.base)
        return normalization.useBatchStatistics(mean: joinedFirst.base, variance: joinedSecond.base, state)
    }

    func forward(_ images: Range<Int>, _ context: ShardContext) {
        for image in images {
            kernel.normalize(
                input.value(image), into: output.value(image, context), mean: normalization.mean.base,
                scale: normalization.scale.base, bias: normalization.shift.base, rectify: rectified)
        }
    }

    // MARK: Backward

    func measureGradient(_ images: Range<Int>) {
        for image in images {
            kernel.gradientSums(
                x: input.value(image), dy: output.gradient(image), mean: normalization.mean.base,
                scale: normalization.scale.base, bias: normalization.shift.base, rectified: rectified,
                sum: first.base + image * channels, product: second.base + image * channels)
        }
    }

    func finishGradient(_ state: StepState) {
        NormalizationStatistics.sum(first.base, images: state.count, channels: channels, into: joinedFirst.base)
        NormalizationStatistics.sum(second.base, images: state.count, channels: channels, into: joinedSecond.base)
        normalization.useGradientSums(joinedFirst.base, product: joinedSecond.base, state)
    }

    func backward(_ images: Range<Int>, _ context: ShardContext) {
        guard input.gradientLayout != nil else { return }
        for image in images {
            kernel.inputGradient(
                x: input.value(image), dy: output.gradient(image), into: input.gradient(image),
                mean: normalization.mean.base, scale: normalization.scale.base,
                offset: normalization.gradientOffset.base, slope: normalization.gradientSlope.base)
        }
    }
}
