import Kernels
import Tensors

/// The weights and biases of a convolution, and their layout in memory.
struct ConvolutionParameters {
    let weights: ConvolutionWeights
    let weight: Parameter
    let bias: Parameter?
    let store: ParameterStore

    init(_ name: String, _ layer: ConvolutionLayer, input: ConvolutionInput, _ store: ParameterStore) {
        self.store = store
        weights = ConvolutionWeights(layer.geometry, input: input)
        weight = store.addConvolution("\(name).weight", layer, weights)
        bias = layer.bias ? store.add("\(name).bias", channels: layer.outputs) : nil
    }

    var weightValues: UnsafeMutablePointer<Float> { store.values.base + weight.offset }
    var biasValues: UnsafePointer<Float>? { bias.map { UnsafePointer(store.values.base + $0.offset) } }

    /// W·scale and (b − mean)·scale + shift of one output block, for evaluation with the normalization folded in:
    /// (W·x + b − mean)·scale + shift = (W·scale)·x + (b − mean)·scale + shift.
    func fold(block: Int, _ normalization: BatchNormalization, into target: Folded) {
        let start = block * weights.blockStride
        let scale = normalization.scale.base + block * laneCount, scales = Vector16(at: scale)
        for place in stride(from: start, to: start + weights.blockStride, by: laneCount) {
            (Vector16(at: store.values.base, weight.offset + place) * scales).store(to: target.weights, place)
        }
        for lane in 0..<laneCount {
            let channel = block * laneCount + lane
            let offset = bias.map { store.values.base[$0.offset + channel] } ?? 0
            target.bias[channel] =
                (offset - normalization.mean.base[channel]) * scale[lane] + normalization.shift.base[channel]
        }
    }

    /// The memory for folded weights and biases.
    struct Folded {
        let weights: UnsafeMutablePointer<Float>
        let bias: UnsafeMutablePointer<Float>
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
