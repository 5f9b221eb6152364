import Kernels
import Tensors
import Threads

/// ReLU where no normalization precedes it, and LeakyReLU.
final class RectifierOperation: Operation {
    private let slope: Float
    private let kernel: ActivationKernel
    private let gradientKernel: ActivationKernel

    init(_ node: Blueprint.Node, slope: Float, _ input: FeatureMemory, _ output: FeatureMemory) {
        self.slope = slope
        kernel = ActivationKernel(input: input.blocked, output: output.blocked)
        gradientKernel = ActivationKernel(input: input.blocked, output: output.gradientLayout ?? output.blocked)
        super.init(name: node.name, input: input, output: output)
    }

    override func forward(_ images: Range<Int>, _ worker: Worker) {
        for image in images { kernel.rectify(input.value(image), into: output.value(image), slope: slope) }
    }

    override func backward(_ images: Range<Int>, _ worker: Worker) {
        guard let layout = input.gradientLayout else { return }
        for image in images {
            gradientKernel.rectifyGradient(
                x: input.value(image), dy: output.gradient(image), into: input.gradient(image), layout: layout,
                slope: slope)
        }
    }
}

/// Dropout: in training each value becomes 0 with probability p and is divided by 1 − p otherwise; elsewhere nothing
/// happens to it.
final class DropoutOperation: Operation {
    private let kernel: DropoutKernel
    private let identity = DropoutKernel(probability: 0)
    private var isTraining = false
    private var key: UInt64 = 0
    private let sequence: UInt64

    init(_ node: Blueprint.Node, probability: Double, _ input: FeatureMemory, _ output: FeatureMemory) {
        kernel = DropoutKernel(probability: probability)
        sequence = node.name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        super.init(name: node.name, input: input, output: output)
    }

    /// The mask is a function of the layer, the seed, the step and the image.
    override func prepare(_ state: StepState) {
        isTraining = state.mode == .training
        var generator = SplitMix64(seed: state.seed ^ sequence, sequence: state.step)
        key = generator.next()
    }

    private func key(_ image: Int) -> UInt64 { key &+ UInt64(image) &* 0x9E37_79B9_7F4A_7C15 }

    override func forward(_ images: Range<Int>, _ worker: Worker) {
        let kernel = isTraining ? kernel : identity
        for image in images {
            kernel.run(input.value(image), input.blocked, into: output.value(image), output.blocked, key: key(image))
        }
    }

    override func backward(_ images: Range<Int>, _ worker: Worker) {
        guard let to = input.gradientLayout, let from = output.gradientLayout else { return }
        for image in images {
            kernel.run(output.gradient(image), from, into: input.gradient(image), to, key: key(image))
        }
    }
}

/// A copy into another arrangement of the same numbers, where a layer takes flattened features for channels.
final class ReorderOperation: Operation {
    /// For each element in contiguous order: its place in the input and in the output, and in their gradients.
    private let places: [(input: Int, output: Int)]
    private let gradientPlaces: [(input: Int, output: Int)]

    init(_ node: Blueprint.Node, _ input: FeatureMemory, _ output: FeatureMemory) {
        let from = input.blocked, to = output.blocked
        let count = from.channels * from.extent.volume
        precondition(count == to.channels * to.extent.volume, "a reordering keeps the number of values")
        places = (0..<count).map { (from.offset(ofContiguous: $0), to.offset(ofContiguous: $0)) }
        let fromGradient = input.gradientLayout ?? from, toGradient = output.gradientLayout ?? to
        gradientPlaces = (0..<count).map {
            (fromGradient.offset(ofContiguous: $0), toGradient.offset(ofContiguous: $0))
        }
        super.init(name: node.name, input: input, output: output)
    }

    override func forward(_ images: Range<Int>, _ worker: Worker) {
        for image in images {
            let from = input.value(image), to = output.value(image)
            for place in places { to[place.output] = from[place.input] }
        }
    }

    override func backward(_ images: Range<Int>, _ worker: Worker) {
        guard input.gradientLayout != nil else { return }
        for image in images {
            let from = output.gradient(image), to = input.gradient(image)
            for place in gradientPlaces { to[place.input] = from[place.output] }
        }
    }
}
