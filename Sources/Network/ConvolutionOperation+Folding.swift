import Tensors

/// Evaluation with the normalization folded into the convolution:
/// (W·x + b − mean)·scale + shift = (W·scale)·x + (b − mean)·scale + shift.
extension ConvolutionOperation {
    /// W·scale and (b − mean)·scale + shift of one output block.
    func foldBlock(_ block: Int, _ normalization: NormalizationOperation, into target: Folded) {
        let range = (block * weights.blockStride)..<((block + 1) * weights.blockStride)
        let scale = normalization.scale.base + block * laneCount
        for place in range {
            target.weights[place] = store.values.base[weight.offset + place] * scale[place % laneCount]
        }
        for lane in 0..<laneCount {
            let channel = block * laneCount + lane
            let offset = bias.map { store.values.base[$0.offset + channel] } ?? 0
            target.bias[channel] =
                (offset - normalization.mean.base[channel]) * scale[lane] + normalization.shift.base[channel]
        }
    }

    /// Where folded weights and biases go.
    struct Folded {
        let weights: UnsafeMutablePointer<Float>
        let bias: UnsafeMutablePointer<Float>
    }
}
