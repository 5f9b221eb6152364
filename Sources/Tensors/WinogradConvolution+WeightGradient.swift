/// The gradient of the weights, in frequencies.
extension WinogradConvolution {
    /// dU = V · (A dy Aᵀ), `[36][O][I][16 in][16 out]`, for up to `group` images, or what is `adding` to dU. `dy` has the
    /// layout `gradient`. For one frequency it is the gradient of a 1×1 convolution over a row of T pixels.
    package func accumulateGradient(
        x: UnsafePointer<Float>, dy: UnsafePointer<Float>, _ gradient: BlockedLayout, images: Int,
        into du: UnsafeMutablePointer<Float>, adding: Bool, scratch: UnsafeMutablePointer<Float>
    ) {
        precondition(images <= group, "more images than there is room for")
        let memory = divide(scratch)
        transformInput(x, images: images, memory)
        transformGradient(dy, gradient, images: images, memory)
        let stride = capacity * laneCount
        let step = Steps(origin: 0, plane: 0, row: 0, pixel: laneCount)
        let row = Sweep(extent: Extent(1, 1, images * tilesPerImage), input: step, output: step, taps: 0..<1)
        for frequency in 0..<Self.frequencies {
            let from = memory.v + frequency * inputStep, to = memory.m + frequency * outputStep
            let target = du + frequency * frequencyStride
            for block in Swift.stride(from: 0, to: output.blocks, by: 2) {
                for channel in 0..<input.blocks {
                    ChannelProducts(
                        x: from + channel * stride, dy: to + block * stride, pixels: row, dyBlockStride: stride,
                        gradient: target + (block * input.blocks + channel) * laneCount * laneCount,
                        gradientBlockStride: input.blocks * laneCount * laneCount, adding: adding
                    ).run(paired: block + 1 < output.blocks)
                }
            }
        }
    }
}
