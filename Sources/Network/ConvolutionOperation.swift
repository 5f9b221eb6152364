import Tensors

/// Conv1d, Conv2d, Conv3d.
final class ConvolutionOperation: Operation {
    private let store: ParameterStore
    private let weight: Parameter
    private let bias: Parameter?
    private let weights: ConvolutionWeights
    private let direct: DirectConvolution
    private let inputGradient: DirectConvolution?
    private let weightGradient: ConvolutionWeightGradient
    /// Transposed weights for the gradient of the input.
    private let transposed: AlignedBuffer<Float>
    /// [lane][weight and bias]
    private let partial: AlignedBuffer<Float>
    private let extent: Int
    /// Places of the dense weights that no group reaches, for grouped convolutions.
    private let outsideGroups: [Int]

    init(
        _ node: Blueprint.Node, _ layer: ConvolutionLayer, _ store: ParameterStore, _ input: FeatureMemory,
        _ output: FeatureMemory
    ) {
        self.store = store
        let geometry = layer.geometry
        weights = ConvolutionWeights(geometry, input: input.layout)
        weight = store.addConvolution("\(node.name).weight", layer, weights)
        bias = layer.bias ? store.add("\(node.name).bias", channels: layer.outputs) : nil
        direct = DirectConvolution(geometry, from: input.layout, to: output.blocked)
        guard let gradientLayout = output.gradientLayout else { preconditionFailure("an output has a gradient") }
        weightGradient = ConvolutionWeightGradient(geometry, from: input.layout, to: gradientLayout)
        inputGradient = input.gradientLayout.map {
            DirectConvolution(gradientOf: geometry, from: gradientLayout, to: $0)
        }
        transposed = AlignedBuffer(count: inputGradient == nil ? 0 : weights.count)
        extent = weight.extent + (bias?.extent ?? 0)
        partial = AlignedBuffer(count: StepState.maximumLanes * extent)
        outsideGroups = layer.groups == 1 ? [] : weight.unusedPlaces
        super.init(name: node.name, input: input, output: output)
    }

    override func forward(_ images: Range<Int>) {
        let bias = bias.map { UnsafePointer(store.values.base + $0.offset) }
        for image in images {
            direct.run(
                from: input.value(image), weights: store.values.base + weight.offset, bias: bias,
                to: output.value(image))
        }
    }

    override func backward(_ images: Range<Int>, lane: Int) {
        let gradient = partial.base + lane * extent
        for image in images {
            weightGradient.accumulate(
                x: input.value(image), dy: output.gradient(image), into: gradient,
                bias: bias.map { _ in gradient + weight.extent })
            inputGradient?.run(
                from: output.gradient(image), weights: transposed.base, bias: nil, to: input.gradient(image))
        }
    }

    override func beginBackward(lane: Int) {
        (partial.base + lane * extent).update(repeating: 0, count: extent)
    }

    override func endBackward(lane: Int) {
        let gradient = partial.base + lane * extent
        for place in outsideGroups { gradient[place] = 0 }
    }

    override var partialGradient: (buffer: AlignedBuffer<Float>, offset: Int, extent: Int)? {
        (partial, weight.offset, extent)
    }

    override var packingPieces: Int { inputGradient == nil ? 0 : weights.inputGroups }

    override func pack(piece: Int) {
        weights.transpose(
            store.values.base + weight.offset, into: transposed.base, inputBlocks: piece..<(piece + 1))
    }
}

extension ParameterStore {
    /// weight[out][in / groups][kernel…] in the packed layout.
    fileprivate func addConvolution(
        _ name: String, _ layer: ConvolutionLayer, _ weights: ConvolutionWeights
    ) -> Parameter {
        let inputs = layer.inputs / layer.groups
        var places: [Int32] = []
        places.reserveCapacity(layer.outputs * inputs * weights.taps)
        for output in 0..<layer.outputs {
            for input in 0..<inputs {
                for tap in 0..<weights.taps {
                    places.append(Int32(weights.offset(output: output, inputInGroup: input, tap: tap)))
                }
            }
        }
        return add(name, shape: [layer.outputs, inputs] + layer.kernel, places: places, extent: weights.count)
    }
}

extension Parameter {
    fileprivate var unusedPlaces: [Int] {
        let used = Set(places)
        return (0..<extent).filter { !used.contains(Int32($0)) }
    }
}
