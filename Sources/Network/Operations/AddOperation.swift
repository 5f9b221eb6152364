import Kernels

/// The operation at the end of a residual module: body(x) + shortcut(x), and the ReLU behind it if there is one.
final class AddOperation: ForwardOperation, BackwardOperation {
    let input: Activation
    let output: Activation
    private let other: Activation
    private let rectified: Bool
    private let forward: AddKernel
    private let backward: AddKernel

    init(
        rectified: Bool, _ input: Activation, _ other: Activation,
        _ output: Activation
    ) {
        self.other = other
        self.rectified = rectified
        forward = AddKernel(a: input.blocked, b: other.blocked, sum: output.blocked)
        backward = AddKernel(
            a: input.gradientLayout ?? input.blocked, b: other.gradientLayout ?? other.blocked, sum: output.blocked)
        self.input = input
        self.output = output
    }

    func forward(_ images: Range<Int>, _ context: ShardContext) {
        for image in images {
            forward.add(
                input.value(image, context), other.value(image, context), into: output.value(image), rectify: rectified)
        }
    }

    func backward(_ images: Range<Int>, _ context: ShardContext) {
        guard let gradient = output.gradientLayout else { return }
        for image in images {
            backward.split(
                output.gradient(image), gradient, total: output.value(image), rectified: rectified,
                into: input.gradientLayout.map { _ in input.gradient(image) },
                other.gradientLayout.map { _ in other.gradient(image) })
        }
    }
}
