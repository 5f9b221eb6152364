import Tensors

/// ReLU, where no normalization precedes it.
final class RectifierOperation: Operation {
    private let kernel: ActivationKernel
    private let gradientKernel: ActivationKernel

    init(_ node: Blueprint.Node, _ input: FeatureMemory, _ output: FeatureMemory) {
        kernel = ActivationKernel(input: input.blocked, output: output.blocked)
        gradientKernel = ActivationKernel(input: input.blocked, output: output.gradientLayout ?? output.blocked)
        super.init(name: node.name, input: input, output: output)
    }

    override func forward(_ images: Range<Int>) {
        for image in images { kernel.rectify(input.value(image), into: output.value(image), slope: 0) }
    }

    override func backward(_ images: Range<Int>, lane: Int) {
        guard let layout = input.gradientLayout else { return }
        for image in images {
            gradientKernel.rectifyGradient(
                x: input.value(image), dy: output.gradient(image), into: input.gradient(image), layout: layout,
                slope: 0)
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

    override func forward(_ images: Range<Int>) {
        for image in images {
            let from = input.value(image), to = output.value(image)
            for place in places { to[place.output] = from[place.input] }
        }
    }

    override func backward(_ images: Range<Int>, lane: Int) {
        guard input.gradientLayout != nil else { return }
        for image in images {
            let from = output.gradient(image), to = input.gradient(image)
            for place in gradientPlaces { to[place.input] = from[place.output] }
        }
    }
}
