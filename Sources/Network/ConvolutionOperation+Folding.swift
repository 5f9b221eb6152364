import Kernels
import Tensors
import Threads

/// Evaluation with the normalization folded into the convolution:
/// (W·x + b − mean)·scale + shift = (W·scale)·x + (b − mean)·scale + shift.
extension ConvolutionOperation {
    /// W·scale and (b − mean)·scale + shift of one output block.
    func foldBlock(_ block: Int, _ normalization: NormalizationOperation, into target: Folded) {
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

    /// Where folded weights and biases go.
    struct Folded {
        let weights: UnsafeMutablePointer<Float>
        let bias: UnsafeMutablePointer<Float>
    }
}
