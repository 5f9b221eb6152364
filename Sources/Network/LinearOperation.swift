import Kernels
import Tensors
import Threads

/// Linear, on features in whatever order the image's memory has them.
final class LinearOperation: Operation {
    let store: ParameterStore
    let weight: Parameter
    let bias: Parameter?
    let kernel: LinearKernel
    /// Where each vector's gradient stands in an image.
    private let dxPlaces: AlignedBuffer<Int>

    init(
        _ node: Blueprint.Node, outputs: Int, bias: Bool, _ store: ParameterStore, _ input: FeatureMemory,
        _ output: FeatureMemory
    ) {
        let from = input.blocked
        precondition(from.halo == .zero, "a linear layer's input is dense")
        self.store = store
        kernel = LinearKernel(vectors: from.imageStride / laneCount, outputs: outputs)
        weight = store.addLinear("\(node.name).weight", kernel, from)
        self.bias = bias ? store.add("\(node.name).bias", channels: outputs) : nil
        dxPlaces = AlignedBuffer(count: kernel.vectors)
        super.init(name: node.name, input: input, output: output)
        if let layout = input.gradientLayout { from.forEachVector { dxPlaces[$0] = layout.place($1, $2, $3, $4) } }
    }

    override var group: Int? { nil }

    /// The bias in memory.
    var biasValues: UnsafePointer<Float>? { bias.map { UnsafePointer(store.values.base + $0.offset) } }

    override func forward(_ images: Range<Int>, _ worker: Worker) {
        kernel.forward(
            .init(input.values, stride: input.imageStride), images: images,
            weights: store.values.base + weight.offset, bias: biasValues, into: output.values,
            outputStride: output.imageStride)
    }

    override var backwardPieces: Int { (kernel.vectors + LinearKernel.chunk - 1) / LinearKernel.chunk }

    override func backward(piece: Int, count: Int) {
        let first = piece * LinearKernel.chunk, vectors = min(LinearKernel.chunk, kernel.vectors - first)
        let dy = LinearKernel.Inputs(output.gradients.base, stride: output.imageStride)
        kernel.weightGradient(
            .init(input.values + first * laneCount, stride: input.imageStride), dy: dy, images: count, from: first,
            count: vectors, into: store.gradients.base + weight.offset, adding: false)
        guard let layout = input.gradientLayout else { return }
        kernel.inputGradient(
            dy: dy, images: count, from: first, count: vectors, weights: store.values.base + weight.offset,
            into: .init(input.gradients.base, stride: layout.imageStride, places: dxPlaces.base + first))
    }

    override func finishGradient(_ state: StepState) {
        guard let bias else { return }
        for first in stride(from: 0, to: kernel.outputs, by: laneCount) {
            var sum = SIMD16<Double>()
            for image in 0..<state.count { sum += SIMD16<Double>(Vector16(at: output.gradient(image), first)) }
            Vector16(sum).store(to: store.gradients.base, bias.offset + first)
        }
    }
}

extension ParameterStore {
    /// weight[out][feature] in the kernel's order, features in the order of the layout.
    fileprivate func addLinear(_ name: String, _ kernel: LinearKernel, _ layout: BlockedLayout) -> Parameter {
        let features = layout.channels * layout.extent.volume
        let order = (0..<features).map { layout.offset(ofContiguous: $0) }
        var places: [Int32] = []
        places.reserveCapacity(kernel.outputs * features)
        for output in 0..<kernel.outputs {
            for feature in order {
                let vector = kernel.place(output: output, vector: feature / laneCount)
                places.append(Int32(vector + feature % laneCount))
            }
        }
        return add(name, shape: [kernel.outputs, features], places: places, extent: kernel.weightCount)
    }
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
