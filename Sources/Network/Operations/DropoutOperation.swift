import Kernels
import Tensors

/// The operation of Dropout: in training each value becomes 0 with probability p and is divided by 1 − p otherwise; elsewhere nothing
/// happens to it.
final class DropoutOperation: ForwardOperation, BackwardOperation {
    let input: Activation
    let output: Activation
    private let kernel: DropoutKernel
    private let identity = DropoutKernel(probability: 0)
    private var isTraining = false
    private var key: UInt64 = 0
    private let sequence: UInt64

    init(_ name: String, probability: Double, _ input: Activation, _ output: Activation) {
        kernel = DropoutKernel(probability: probability)
        sequence = name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        self.input = input
        self.output = output
    }

    /// The mask is a function of the layer, the seed, the step and the image.
    func prepare(_ state: StepState) {
        isTraining = state.mode == .training
        var generator = SplitMix64(seed: state.seed ^ sequence, sequence: state.step)
        key = generator.next()
    }

    private func key(_ image: Int) -> UInt64 { key &+ UInt64(image) &* 0x9E37_79B9_7F4A_7C15 }

    func forward(_ images: Range<Int>, _ context: ShardContext) {
        let kernel = isTraining ? kernel : identity
        for image in images {
            kernel.run(input.value(image), input.blocked, into: output.value(image), output.blocked, key: key(image))
        }
    }

    func backward(_ images: Range<Int>, _ context: ShardContext) {
        guard let to = input.gradientLayout, let from = output.gradientLayout else { return }
        for image in images {
            kernel.run(output.gradient(image), from, into: input.gradient(image), to, key: key(image))
        }
    }
}
