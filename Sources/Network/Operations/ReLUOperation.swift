import Kernels

/// The operation of LeakyReLU, and of ReLU where no normalization or sum precedes it.
final class ReLUOperation: ForwardOperation, BackwardOperation {
    let input: Activation
    let output: Activation
    private let slope: Float
    private let kernel: ActivationKernel
    private let gradientKernel: ActivationKernel

    init(slope: Float, _ input: Activation, _ output: Activation) {
        self.slope = slope
        kernel = ActivationKernel(input: input.blocked, output: output.blocked)
        gradientKernel = ActivationKernel(input: input.blocked, output: output.gradientLayout ?? output.blocked)
        self.input = input
        self.output = output
    }

    func forward(_ images: Range<Int>, _ context: ShardContext) {
        for image in images { kernel.rectify(input.value(image), into: output.value(image), slope: slope) }
    }

    func backward(_ images: Range<Int>, _ context: ShardContext) {
        guard let layout = input.gradientLayout else { return }
        for image in images {
            gradientKernel.rectifyGradient(
                x: input.value(image), dy: output.gradient(image), into: input.gradient(image), layout: layout,
                slope: slope)
        }
    }
}
