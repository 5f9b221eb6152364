import Kernels
import Tensors

/// The operation of Conv1d, Conv2d and Conv3d.
final class ConvolutionOperation: FoldingOperation, WeightGradientOperation, WeightPackingOperation {
    let input: Activation
    let output: Activation
    private let parameters: ConvolutionParameters
    private let direct: DirectConvolution
    private let weightGradient: ConvolutionWeightGradient
    private let inputGradient: DirectConvolution?
    private let fast: FastConvolution?
    /// Transposed weights for the gradient of the input.
    private let transposed: AlignedBuffer<Float>
    /// [shard][weight and bias]
    private let partial: AlignedBuffer<Float>
    private let extent: Int
    /// The normalization behind it that can be folded in when running statistics are used, with the weights and biases that do
    /// both.
    private(set) var folded: NormalizationOperation?
    private var foldedDirect: DirectConvolution?
    private var foldedWeights = AlignedBuffer<Float>(count: 0)
    private var foldedBias = AlignedBuffer<Float>(count: 0)
    private let geometry: ConvolutionGeometry
    /// Places of the dense weights that no group reaches, for grouped convolutions.
    private let outsideGroups: [Int]

    init(
        _ parameters: ConvolutionParameters, _ geometry: ConvolutionGeometry, _ input: Activation, _ output: Activation,
        _ arena: ScratchArena, _ method: ConvolutionMethod
    ) {
        self.parameters = parameters
        self.geometry = geometry
        self.input = input
        self.output = output
        let weight = parameters.weight
        direct = DirectConvolution(geometry, from: input.layout, to: output.blocked)
        guard let gradientLayout = output.gradientLayout else { preconditionFailure("an output has a gradient") }
        weightGradient = ConvolutionWeightGradient(geometry, from: input.layout, to: gradientLayout)
        inputGradient = input.gradientLayout.map {
            DirectConvolution(gradientOf: geometry, from: gradientLayout, to: $0)
        }
        transposed = AlignedBuffer(count: inputGradient == nil ? 0 : parameters.weights.count)
        extent = weight.extent + (parameters.bias?.extent ?? 0)
        partial = AlignedBuffer(count: StepState.maximumShards * extent)
        outsideGroups = geometry.groups == 1 ? [] : weight.unusedPlaces
        fast =
            method.isFast(geometry, output.blocked.extent) ? FastConvolution(input, output, arena) : nil
        precondition(
            fast != nil || input.gradientLayout == nil || input.gradients !== output.gradients,
            "a direct convolution overwrites what it has yet to read")
    }

    var group: Int? { fast?.group ?? 1 }

    func prepare(_ state: StepState) { fast?.prepare(state) }

    func forward(_ images: Range<Int>, _ context: ShardContext) {
        if let fast {
            return fast.forward(images, context, weights: parameters.weightValues, bias: parameters.biasValues)
        }
        for image in images {
            direct.run(
                from: input.value(image, context), weights: parameters.weightValues, bias: parameters.biasValues,
                to: output.value(image))
        }
    }

    // MARK: Folding

    /// Makes `normalization`, which alone reads this convolution's output, part of evaluations.
    func fold(_ normalization: NormalizationOperation) {
        let target = normalization.output
        folded = normalization
        foldedDirect = DirectConvolution(geometry, from: input.layout, to: target.blocked)
        foldedWeights = AlignedBuffer(count: parameters.weights.count)
        foldedBias = AlignedBuffer(count: normalization.output.blocked.paddedChannels)
        fast?.prepareFolding(into: target)
    }

    var foldingPieces: Int { folded == nil ? packingPieces : parameters.weights.outputBlocks }

    func fold(piece: Int) {
        guard let folded else { return pack(piece: piece) }
        parameters.fold(
            block: piece, folded.normalization,
            into: ConvolutionParameters.Folded(weights: foldedWeights.base, bias: foldedBias.base))
        fast?.pack(foldedWeights.base, outputBlocks: piece..<(piece + 1))
    }

    func forwardFolded(_ images: Range<Int>, _ context: ShardContext) {
        guard let folded, let foldedDirect else { return }
        let target = folded.output, rectify = folded.rectified
        if let fast {
            return fast.forwardFolded(images, context, bias: foldedBias.base, into: target, rectify: rectify)
        }
        for image in images {
            foldedDirect.run(
                from: input.value(image, context), weights: foldedWeights.base, bias: foldedBias.base,
                to: target.value(image, context), rectify: rectify)
        }
    }

    // MARK: Backward

    func beginSumming(_ context: ShardContext) {
        let summed = fast == nil ? 0 : parameters.weight.extent
        (partial.base + context.shard * extent + summed).update(repeating: 0, count: extent - summed)
    }

    func sumGradient(_ images: Range<Int>, _ context: ShardContext) {
        let gradient = partial.base + context.shard * extent
        if parameters.bias != nil {
            for image in images {
                weightGradient.accumulateBias(output.gradient(image), into: gradient + parameters.weight.extent)
            }
        }
        if let fast { return fast.sumGradient(images, context, into: gradient) }
        for image in images {
            weightGradient.accumulate(x: input.value(image, context), dy: output.gradient(image), into: gradient)
        }
    }

    func endSumming(_ context: ShardContext) {
        let gradient = partial.base + context.shard * extent
        fast?.endSumming(context, into: gradient)
        for place in outsideGroups { gradient[place] = 0 }
    }

    func backward(_ images: Range<Int>, _ context: ShardContext) {
        guard let inputGradient else { return }
        if let fast { return fast.backward(images, context, transposed: transposed.base) }
        for image in images {
            inputGradient.run(
                from: output.gradient(image), weights: transposed.base, bias: nil, to: input.gradient(image))
        }
    }

    var partialGradient: PartialGradient {
        PartialGradient(buffer: partial, offset: parameters.weight.offset, extent: extent)
    }

    // MARK: Packing

    var packingPieces: Int { fast == nil ? 0 : parameters.weights.outputBlocks }

    func pack(piece: Int) {
        fast?.pack(parameters.weightValues, outputBlocks: piece..<(piece + 1))
    }

    var backwardPackingPieces: Int { inputGradient == nil ? 0 : parameters.weights.inputGroups }

    func packBackward(piece: Int) {
        parameters.weights.transpose(
            parameters.weightValues, into: transposed.base, inputBlocks: piece..<(piece + 1))
        fast?.packBackward(transposed.base, inputBlocks: piece..<(piece + 1))
    }
}

extension Parameter {
    fileprivate var unusedPlaces: [Int] {
        let used = Set(places)
        return (0..<extent).filter { !used.contains(Int32($0)) }
    }
}
