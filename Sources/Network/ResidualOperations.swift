import Kernels
import Tensors
import Threads

/// The beginning of a residual module, where one feature goes two ways: nothing to do forward, since both paths read the
/// same memory; the gradients of the two paths add up.
final class ForkOperation: Operation {
    private let other: FeatureMemory
    private let kernel: AddKernel?

    /// `output` and `other` are the two paths' own views of `input`.
    init(_ node: Blueprint.Node, _ input: FeatureMemory, _ output: FeatureMemory, _ other: FeatureMemory) {
        self.other = other
        if let a = output.gradientLayout, let b = other.gradientLayout, let sum = input.gradientLayout {
            kernel = AddKernel(a: a, b: b, sum: sum)
        } else {
            kernel = nil
        }
        super.init(name: node.name, input: input, output: output)
    }

    override func backward(_ images: Range<Int>, _ worker: Worker) {
        for image in images {
            kernel?.add(
                output.gradient(image), other.gradient(image), into: input.gradient(image), rectify: false)
        }
    }
}

/// The end of a residual module: body(x) + shortcut(x), and the ReLU behind it if there is one.
final class SumOperation: Operation {
    private let other: FeatureMemory
    private let rectified: Bool
    private let forward: AddKernel
    private let backward: AddKernel

    init(
        _ node: Blueprint.Node, rectified: Bool, _ input: FeatureMemory, _ other: FeatureMemory,
        _ output: FeatureMemory
    ) {
        self.other = other
        self.rectified = rectified
        forward = AddKernel(a: input.blocked, b: other.blocked, sum: output.blocked)
        backward = AddKernel(
            a: input.gradientLayout ?? input.blocked, b: other.gradientLayout ?? other.blocked, sum: output.blocked)
        super.init(name: node.name, input: input, output: output)
    }

    override func forward(_ images: Range<Int>, _ worker: Worker) {
        for image in images {
            forward.add(
                input.value(image, worker), other.value(image, worker), into: output.value(image), rectify: rectified)
        }
    }

    override func backward(_ images: Range<Int>, _ worker: Worker) {
        guard let gradient = output.gradientLayout else { return }
        for image in images {
            backward.split(
                output.gradient(image), gradient, total: output.value(image), rectified: rectified,
                into: input.gradientLayout.map { _ in input.gradient(image) },
                other.gradientLayout.map { _ in other.gradient(image) })
        }
    }
}
