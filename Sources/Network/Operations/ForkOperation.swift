import Kernels

/// The operation at the beginning of a residual module, where two paths read one feature: there is nothing to do forward, since
/// both read the same memory; backward, the gradients of the two paths add up.
final class ForkOperation: BackwardOperation {
    let input: Activation
    let output: Activation
    private let other: Activation
    private let kernel: AddKernel?

    /// `output` and `other` are the two paths' own views of `input`.
    init(_ input: Activation, _ output: Activation, _ other: Activation) {
        self.other = other
        if let a = output.gradientLayout, let b = other.gradientLayout, let sum = input.gradientLayout {
            kernel = AddKernel(a: a, b: b, sum: sum)
        } else {
            kernel = nil
        }
        self.input = input
        self.output = output
    }

    func backward(_ images: Range<Int>, _ context: ShardContext) {
        for image in images {
            kernel?.add(
                output.gradient(image), other.gradient(image), into: input.gradient(image), rectify: false)
        }
    }
}
