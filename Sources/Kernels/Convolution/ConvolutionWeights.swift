import Tensors

/// The layout of a convolution's weights in memory: `[out block][in group][tap][in channel][16 out channels]`, so that one
/// `Vector16` holds the weights from one input channel to sixteen output channels.
///
/// An in group is a block of sixteen channels, or a single channel for planar input. A grouped convolution is stored as
/// the dense one it equals; what lies outside its groups is zero and stays so.
package struct ConvolutionWeights: Equatable, Sendable {
    package let geometry: ConvolutionGeometry
    package let channelsPerTap: Int
    package let inputGroups: Int
    package let outputBlocks: Int

    package let taps: Int
    package let tapStride: Int
    package let groupStride: Int
    package let blockStride: Int
    package let count: Int

    package init(_ geometry: ConvolutionGeometry, input: ConvolutionInput) {
        self.geometry = geometry
        channelsPerTap = input.channelsPerTap
        inputGroups = input.channelGroups
        outputBlocks = (geometry.outputChannels + laneCount - 1) / laneCount
        taps = geometry.kernel.volume
        tapStride = channelsPerTap * laneCount
        groupStride = taps * tapStride
        blockStride = inputGroups * groupStride
        count = outputBlocks * blockStride
    }

    /// The offset of PyTorch's weight[out][in within the group][tap].
    package func offset(output: Int, inputInGroup: Int, tap: Int) -> Int {
        let inputsPerGroup = geometry.inputChannels / geometry.groups
        let group = output / (geometry.outputChannels / geometry.groups)
        let input = group * inputsPerGroup + inputInGroup
        return output / laneCount * blockStride + input / channelsPerTap * groupStride + tap * tapStride
            + input % channelsPerTap * laneCount + output % laneCount
    }

    /// The weights as the gradient of the input needs them, `[in block][out block][tap][16 out channels][16 in channels]`:
    /// each 16×16 tile transposed. Does the input blocks of `range`.
    package func transpose(
        _ weights: UnsafePointer<Float>, into transposed: UnsafeMutablePointer<Float>, inputBlocks range: Range<Int>
    ) {
        precondition(channelsPerTap == laneCount, "planar input has no gradient")
        for input in range {
            for output in 0..<outputBlocks {
                for tap in 0..<taps {
                    let from = weights + (output * inputGroups + input) * groupStride + tap * tapStride
                    let to = transposed + (input * outputBlocks + output) * groupStride + tap * tapStride
                    transposeTile(from, into: to)
                }
            }
        }
    }
}

@inline(__always)
private func transposeTile(_ from: UnsafePointer<Float>, into to: UnsafeMutablePointer<Float>) {
    for row in 0..<laneCount {
        var column = Vector16()
        for lane in 0..<laneCount { column[lane] = from[lane &* laneCount &+ row] }
        column.store(to: to, row &* laneCount)
    }
}
