import Kernels
import Tensors

/// The operation of Linear.
final class LinearOperation: ForwardOperation, PiecewiseBackwardOperation {
    let input: Activation
    let output: Activation
    private let parameters: LinearParameters
    private let kernel: LinearKernel
    /// Where each vector of the input's gradient stands.
    private let dxPlaces: AlignedBuffer<Int>

    init(_ parameters: LinearParameters, _ input: Activation, _ output: Activation) {
        self.parameters = parameters
        self.input = input
        self.output = output
        kernel = parameters.kernel
        dxPlaces = AlignedBuffer(count: kernel.vectors)
        if let layout = input.gradientLayout {
            input.blocked.forEachVector { dxPlaces[$0] = layout.place($1, $2, $3, $4) }
        }
    }

    /// All images of a shard at once.
    var group: Int? { nil }

    func forward(_ images: Range<Int>, _ context: ShardContext) {
        kernel.forward(
            .init(input.values, stride: input.imageStride), images: images, weights: parameters.weightValues,
            bias: parameters.biasValues, into: output.values, outputStride: output.imageStride)
    }

    var backwardPieces: Int { (kernel.vectors + LinearKernel.chunk - 1) / LinearKernel.chunk }

    func backward(piece: Int, count: Int) {
        let first = piece * LinearKernel.chunk, vectors = min(LinearKernel.chunk, kernel.vectors - first)
        let dy = LinearKernel.Inputs(output.gradients.base, stride: output.imageStride)
        kernel.weightGradient(
            .init(input.values + first * laneCount, stride: input.imageStride), dy: dy, images: count, from: first,
            count: vectors, into: parameters.weightGradient, adding: false)
        guard let layout = input.gradientLayout else { return }
        kernel.inputGradient(
            dy: dy, images: count, from: first, count: vectors, weights: parameters.weightValues,
            into: .init(input.gradients.base, stride: layout.imageStride, places: dxPlaces.base + first))
    }

    func finishGradient(_ state: StepState) { parameters.takeBiasGradient(output, count: state.count) }
}

extension BlockedLayout {
    /// Calls `body(index, block, z, y, x)` for each vector of sixteen channels, in memory's order.
    fileprivate func forEachVector(_ body: (Int, Int, Int, Int, Int) -> Void) {
        var index = 0
        for block in 0..<blocks {
            for z in 0..<extent.depth {
                for y in 0..<extent.height {
                    for x in 0..<extent.width {
                        body(index, block, z, y, x)
                        index += 1
                    }
                }
            }
        }
    }

    fileprivate func place(_ block: Int, _ z: Int, _ y: Int, _ x: Int) -> Int {
        row(block: block, z, y) + x * laneCount
    }
}
