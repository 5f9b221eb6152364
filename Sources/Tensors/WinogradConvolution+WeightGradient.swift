/// The gradient of the weights, in frequencies.
extension WinogradConvolution {
    /// dU = V · (A dy Aᵀ), `[36][O][I][16 in][16 out]`, for up to `group` images, or what is `adding` to dU. `dy` has the
    /// layout `gradient`.
    ///
    /// Blocking as in `ConvolutionWeightGradient`: 8 input channels × 2 output blocks are 16 accumulators that run over
    /// the tiles.
    package func accumulateGradient(
        x: UnsafePointer<Float>, dy: UnsafePointer<Float>, _ gradient: BlockedLayout, images: Int,
        into du: UnsafeMutablePointer<Float>, adding: Bool, scratch: UnsafeMutablePointer<Float>
    ) {
        precondition(images <= group, "more images than there is room for")
        let memory = divide(scratch)
        transformInput(x, images: images, memory)
        transformGradient(dy, gradient, images: images, memory)
        let tiles = images * tilesPerImage, stride = capacity * laneCount
        for frequency in 0..<Self.frequencies {
            let from = memory.v + frequency * inputStep, to = memory.m + frequency * outputStep
            let target = du + frequency * frequencyStride
            for block in Swift.stride(from: 0, to: output.blocks, by: 2) {
                for channel in 0..<input.blocks {
                    let place = target + (block * input.blocks + channel) * laneCount * laneCount
                    addProducts(
                        from + channel * stride, to + block * stride, tiles, place, paired: block + 1 < output.blocks,
                        adding: adding)
                }
            }
        }
    }

    private func addProducts(
        _ v: UnsafePointer<Float>, _ m: UnsafePointer<Float>, _ tiles: Int, _ du: UnsafeMutablePointer<Float>,
        paired: Bool, adding: Bool
    ) {
        let nextBlock = capacity * laneCount, nextTarget = input.blocks * laneCount * laneCount
        for half in 0..<2 {
            let to = du + half * 8 * laneCount
            var a = InlineArray<8, Lanes>(repeating: Lanes()), b = a
            if adding {
                for channel in 0..<8 {
                    a[channel] = Lanes(at: to, channel &* laneCount)
                    if paired { b[channel] = Lanes(at: to + nextTarget, channel &* laneCount) }
                }
            }
            var from = v + half * 8, other = m
            // A single block is multiplied with itself a second time, and the result dropped.
            let second = paired ? nextBlock : 0
            for _ in 0..<tiles {
                let dyA = Lanes(at: other), dyB = Lanes(at: other, second)
                for channel in 0..<8 {
                    let value = Lanes(broadcast: from, channel)
                    a[channel].accumulate(dyA, value)
                    b[channel].accumulate(dyB, value)
                }
                from += laneCount
                other += laneCount
            }
            for channel in 0..<8 {
                a[channel].store(to: to, channel &* laneCount)
                if paired { b[channel].store(to: to + nextTarget, channel &* laneCount) }
            }
        }
    }
}
