import Tensors

/// Linear, on features in whatever order the image's memory has them.
final class LinearOperation: Operation {
    private let store: ParameterStore
    private let weight: Parameter
    private let bias: Parameter?
    private let kernel: LinearKernel
    private let outputs: Int
    /// Where each vector's gradient stands in an image.
    private let dxPlaces: AlignedBuffer<Int>
    /// Vectors of sixteen features a piece of the backward pass takes: their weights fit into the first-level cache.
    private let pieceSize = 16

    init(
        _ node: Blueprint.Node, outputs: Int, bias: Bool, _ store: ParameterStore, _ input: FeatureMemory,
        _ output: FeatureMemory
    ) {
        let from = input.blocked
        precondition(from.halo == .zero, "a linear layer's input is dense")
        self.store = store
        self.outputs = outputs
        weight = store.addLinear("\(node.name).weight", outputs: outputs, from)
        self.bias = bias ? store.add("\(node.name).bias", channels: outputs) : nil
        kernel = LinearKernel(
            vectors: from.imageStride / laneCount, outputs: outputs, imageStride: from.imageStride,
            outputStride: output.blocked.imageStride)
        dxPlaces = AlignedBuffer(count: kernel.vectors)
        super.init(name: node.name, input: input, output: output)
        if let layout = input.gradientLayout { from.forEachVector { dxPlaces[$0] = layout.place($1, $2, $3, $4) } }
    }

    override var group: Int? { nil }

    override func forward(_ images: Range<Int>) {
        kernel.forward(
            input.values.base, images: images, weights: store.values.base + weight.offset,
            bias: bias.map { UnsafePointer(store.values.base + $0.offset) }, into: output.values.base)
    }

    override var backwardPieces: Int { (kernel.vectors + pieceSize - 1) / pieceSize }

    override func backward(piece: Int, count: Int) {
        let vectors = (piece * pieceSize)..<min((piece + 1) * pieceSize, kernel.vectors)
        let gradient = store.gradients.base + weight.offset
        for row in 0..<outputs {
            (gradient + (row * kernel.vectors + vectors.lowerBound) * laneCount)
                .update(repeating: 0, count: vectors.count * laneCount)
        }
        kernel.backward(
            x: input.values.base, dy: output.gradients.base, images: count, vectors: vectors,
            weights: store.values.base + weight.offset, gradient: gradient,
            dx: input.gradientLayout == nil ? nil : input.gradients.base, dxPlaces: dxPlaces.base,
            dxStride: input.gradientLayout?.imageStride ?? 0)
    }

    override func finishGradient(_ state: StepState) {
        guard let bias else { return }
        for row in 0..<outputs {
            var sum = 0.0
            for image in 0..<state.count { sum += Double(output.gradients[image * kernel.outputStride + row]) }
            store.gradients[bias.offset + row] = Float(sum)
        }
    }
}

extension ParameterStore {
    /// weight[out][feature] as `[out][vector][16]`, features in the order of the layout.
    fileprivate func addLinear(_ name: String, outputs: Int, _ layout: BlockedLayout) -> Parameter {
        let features = layout.channels * layout.extent.volume
        let order = (0..<features).map { Int32(layout.offset(ofContiguous: $0)) }
        var places: [Int32] = []
        places.reserveCapacity(outputs * features)
        for output in 0..<outputs {
            let start = Int32(output * layout.imageStride)
            for place in order { places.append(start + place) }
        }
        return add(name, shape: [outputs, features], places: places, extent: outputs * layout.imageStride)
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
