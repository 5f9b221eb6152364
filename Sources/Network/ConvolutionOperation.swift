import Kernels
import Tensors
import Threads

/// How 3×3 convolutions of stride 1 are computed where both ways are possible.
package enum ConvolutionArithmetic: String, Codable, Sendable, CaseIterable {
    /// Winograd's F(4×4, 3×3): a quarter of the products. One layer differs from direct sums by about 2·10⁻⁶, and in a deep
    /// network such roundings move a few decisions of ReLU and pooling.
    case fast
    /// Sums of products.
    case direct

    func isFast(_ geometry: ConvolutionGeometry, _ extent: Extent) -> Bool {
        self == .fast && WinogradConvolution.fits(geometry, extent: extent)
    }
}

/// Conv1d, Conv2d, Conv3d.
final class ConvolutionOperation: Operation {
    let store: ParameterStore
    let weight: Parameter
    let bias: Parameter?
    let weights: ConvolutionWeights
    let direct: DirectConvolution
    let weightGradient: ConvolutionWeightGradient
    private let inputGradient: DirectConvolution?
    private let fast: FastConvolution?
    /// Transposed weights for the gradient of the input.
    private let transposed: AlignedBuffer<Float>
    /// [lane][weight and bias]
    let partial: AlignedBuffer<Float>
    let extent: Int
    /// What follows and can be folded in when running statistics are used, with the weights and biases that do both.
    private(set) var following: NormalizationOperation?
    private var foldedDirect: DirectConvolution?
    private var foldedWeights = AlignedBuffer<Float>(count: 0)
    private var foldedBias = AlignedBuffer<Float>(count: 0)
    private let geometry: ConvolutionGeometry
    /// Places of the dense weights that no group reaches, for grouped convolutions.
    private let outsideGroups: [Int]

    init(
        _ node: Blueprint.Node, _ layer: ConvolutionLayer, _ store: ParameterStore, _ input: FeatureMemory,
        _ output: FeatureMemory, _ bench: Workbench, _ arithmetic: ConvolutionArithmetic
    ) {
        self.store = store
        let geometry = layer.geometry
        self.geometry = geometry
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
        fast =
            arithmetic.isFast(geometry, output.blocked.extent) ? FastConvolution(input, output, bench) : nil
        precondition(
            fast != nil || input.gradientLayout == nil || input.gradients !== output.gradients,
            "a direct convolution overwrites what it has yet to read")
        super.init(name: node.name, input: input, output: output)
    }

    override var group: Int? { fast?.group ?? 1 }

    private var biasValues: UnsafePointer<Float>? { bias.map { UnsafePointer(store.values.base + $0.offset) } }

    override func prepare(_ state: StepState) { fast?.prepare(state) }

    override func forward(_ images: Range<Int>, _ worker: Worker) {
        if let fast {
            return fast.forward(images, worker, weights: store.values.base + weight.offset, bias: biasValues)
        }
        for image in images {
            direct.run(
                from: input.value(image, worker), weights: store.values.base + weight.offset, bias: biasValues,
                to: output.value(image))
        }
    }

    // MARK: Folding

    /// Makes `normalization`, which alone reads this convolution's output, part of evaluations.
    func fold(_ normalization: NormalizationOperation) {
        let target = normalization.output
        following = normalization
        foldedDirect = DirectConvolution(geometry, from: input.layout, to: target.blocked)
        foldedWeights = AlignedBuffer(count: weights.count)
        foldedBias = AlignedBuffer(count: normalization.channels)
        fast?.prepareFolding(into: target)
    }

    override var folded: NormalizationOperation? { following }
    override var foldingPieces: Int { following == nil ? packingPieces : weights.outputBlocks }

    override func fold(piece: Int) {
        guard let following else { return pack(piece: piece) }
        foldBlock(piece, following, into: Folded(weights: foldedWeights.base, bias: foldedBias.base))
        fast?.pack(foldedWeights.base, outputBlocks: piece..<(piece + 1))
    }

    override func forwardFolded(_ images: Range<Int>, _ worker: Worker) {
        guard let following, let foldedDirect else { return }
        let target = following.output, rectify = following.rectified
        if let fast {
            return fast.forwardFolded(images, worker, bias: foldedBias.base, into: target, rectify: rectify)
        }
        for image in images {
            foldedDirect.run(
                from: input.value(image, worker), weights: foldedWeights.base, bias: foldedBias.base,
                to: target.value(image, worker), rectify: rectify)
        }
    }

    // MARK: Backward

    override var sumsGradient: Bool { true }

    override func beginSumming(_ worker: Worker) {
        let summed = fast == nil ? 0 : weight.extent
        (partial.base + worker.lane * extent + summed).update(repeating: 0, count: extent - summed)
    }

    override func sumGradient(_ images: Range<Int>, _ worker: Worker) {
        let gradient = partial.base + worker.lane * extent
        if bias != nil {
            for image in images {
                weightGradient.accumulateBias(output.gradient(image), into: gradient + weight.extent)
            }
        }
        if let fast { return fast.sumGradient(images, worker, into: gradient) }
        for image in images {
            weightGradient.accumulate(x: input.value(image, worker), dy: output.gradient(image), into: gradient)
        }
    }

    override func endSumming(_ worker: Worker) {
        let gradient = partial.base + worker.lane * extent
        fast?.endSumming(worker, into: gradient)
        for place in outsideGroups { gradient[place] = 0 }
    }

    override func backward(_ images: Range<Int>, _ worker: Worker) {
        guard let inputGradient else { return }
        if let fast { return fast.backward(images, worker, transposed: transposed.base) }
        for image in images {
            inputGradient.run(
                from: output.gradient(image), weights: transposed.base, bias: nil, to: input.gradient(image))
        }
    }

    /// Whether a plan puts the complete gradient into the store itself.
    var joinsGradient = false

    override var partialGradient: (buffer: AlignedBuffer<Float>, offset: Int, extent: Int)? {
        joinsGradient ? nil : (partial, weight.offset, extent)
    }

    override var packingPieces: Int { fast == nil ? 0 : weights.outputBlocks }

    override func pack(piece: Int) {
        fast?.pack(store.values.base + weight.offset, outputBlocks: piece..<(piece + 1))
    }

    override var backwardPackingPieces: Int { inputGradient == nil ? 0 : weights.inputGroups }

    override func packBackward(piece: Int) {
        weights.transpose(
            store.values.base + weight.offset, into: transposed.base, inputBlocks: piece..<(piece + 1))
        fast?.packBackward(transposed.base, inputBlocks: piece..<(piece + 1))
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
