import Kernels

/// The operation of MaxPool2d, AvgPool2d and AdaptiveAvgPool2d.
final class PoolingOperation: ForwardOperation, BackwardOperation {
    let input: Activation
    let output: Activation
    private let kernel: PoolingKernel
    private let isMaximum: Bool

    init(_ layer: PoolingLayer, _ input: Activation, _ output: Activation) {
        let from = input.blocked
        guard let rows = layer.windows(input: from.extent.height, axis: \.height),
            let columns = layer.windows(input: from.extent.width, axis: \.width)
        else { preconditionFailure("the graph has checked that the kernel fits") }
        kernel = PoolingKernel(input: from, output: output.blocked, rows: rows, columns: columns)
        if case .maximum = layer.kind { isMaximum = true } else { isMaximum = false }
        self.input = input
        self.output = output
    }

    func forward(_ images: Range<Int>, _ context: ShardContext) {
        for image in images {
            if isMaximum {
                kernel.maximum(input.value(image, context), into: output.value(image))
            } else {
                kernel.average(input.value(image, context), into: output.value(image))
            }
        }
    }

    var readsInputBackward: Bool { isMaximum }

    func backward(_ images: Range<Int>, _ context: ShardContext) {
        guard let to = input.gradientLayout, let from = output.gradientLayout else { return }
        for image in images {
            if isMaximum {
                kernel.maximumGradient(
                    x: input.value(image, context), y: output.value(image), dy: output.gradient(image), from: from,
                    into: input.gradient(image), to: to)
            } else {
                kernel.averageGradient(dy: output.gradient(image), from: from, into: input.gradient(image), to: to)
            }
        }
    }
}
