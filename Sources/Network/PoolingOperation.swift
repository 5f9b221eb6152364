import Kernels
import Tensors
import Threads

/// MaxPool2d, AvgPool2d, AdaptiveAvgPool2d.
final class PoolingOperation: Operation {
    private let kernel: PoolingKernel
    private let isMaximum: Bool

    init(_ node: Blueprint.Node, _ layer: PoolingLayer, _ input: FeatureMemory, _ output: FeatureMemory) {
        let from = input.blocked
        guard let rows = layer.windows(input: from.extent.height, axis: \.height),
            let columns = layer.windows(input: from.extent.width, axis: \.width)
        else { preconditionFailure("the blueprint has checked that the kernel fits") }
        kernel = PoolingKernel(input: from, output: output.blocked, rows: rows, columns: columns)
        if case .maximum = layer.kind { isMaximum = true } else { isMaximum = false }
        super.init(name: node.name, input: input, output: output)
    }

    override func forward(_ images: Range<Int>, _ worker: Worker) {
        for image in images {
            if isMaximum {
                kernel.maximum(input.value(image, worker), into: output.value(image))
            } else {
                kernel.average(input.value(image, worker), into: output.value(image))
            }
        }
    }

    override var readsInputBackward: Bool { isMaximum }

    override func backward(_ images: Range<Int>, _ worker: Worker) {
        guard let to = input.gradientLayout, let from = output.gradientLayout else { return }
        for image in images {
            if isMaximum {
                kernel.maximumGradient(
                    x: input.value(image, worker), y: output.value(image), dy: output.gradient(image), from: from,
                    into: input.gradient(image), to: to)
            } else {
                kernel.averageGradient(dy: output.gradient(image), from: from, into: input.gradient(image), to: to)
            }
        }
    }
}
