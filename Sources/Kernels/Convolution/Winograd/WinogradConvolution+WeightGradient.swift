import Tensors

/// The gradient of the weights, in frequencies.
extension WinogradConvolution {
    /// The memory for the gradient, and whether it is added to what is there.
    package struct GradientTarget {
        /// Of the kernels, dW = Gᵀ dU G, `[O][I][9 taps][16 in][16 out]`.
        package let kernels: UnsafeMutablePointer<Float>
        /// Of U, where weights are precomputed: `finishGradient` makes dW of it once.
        package let transformed: UnsafeMutablePointer<Float>?
        package let adding: Bool

        package init(
            kernels: UnsafeMutablePointer<Float>, transformed: UnsafeMutablePointer<Float>?, adding: Bool
        ) {
            self.kernels = kernels
            self.transformed = transformed
            self.adding = adding
        }
    }

    /// dU = V · (A dy Aᵀ) for up to `group` images. `dy` has the layout `gradient`. For one frequency it is the gradient of
    /// a 1×1 convolution over a row of T pixels.
    ///
    /// Where weights are transformed on the fly, dU is only there for a chunk of outputs and becomes dW at once.
    package func accumulateGradient(
        x: UnsafePointer<Float>, dy: UnsafePointer<Float>, _ gradient: BlockedLayout, images: Int,
        into target: GradientTarget, scratch: UnsafeMutablePointer<Float>
    ) {
        precondition(images <= group, "more images than there is room for")
        let memory = divide(scratch)
        transformInput(x, images: images, memory)
        forEachChunk { blocks in
            transformGradient(dy, gradient, blocks, images: images, memory)
            if let du = target.transformed {
                addProducts(memory, images, blocks.count, into: du, adding: target.adding)
            } else {
                addProducts(memory, images, blocks.count, into: memory.u, adding: false)
                finishGradient(memory.u, blocks, into: target.kernels, adding: target.adding)
            }
        }
    }

    private func addProducts(
        _ memory: Scratch, _ images: Int, _ blocks: Int, into du: UnsafeMutablePointer<Float>, adding: Bool
    ) {
        let blockStride = capacity * laneCount, tileSize = laneCount * laneCount
        let step = SweepSteps(origin: 0, plane: 0, row: 0, pixel: laneCount)
        let row = Sweep(extent: Extent(1, 1, images * tilesPerImage), input: step, output: step, taps: 0..<1)
        for frequency in 0..<Self.frequencies {
            let from = memory.v + frequency * inputStep, to = memory.m + frequency * outputStep
            let target = du + frequency * weightStep
            for block in stride(from: 0, to: blocks, by: 2) {
                for channel in 0..<input.blocks {
                    ChannelProducts(
                        x: from + channel * blockStride, dy: to + block * blockStride, pixels: row,
                        dyBlockStride: blockStride,
                        gradient: target + (block * input.blocks + channel) * tileSize,
                        gradientBlockStride: input.blocks * tileSize, adding: adding
                    ).run(paired: block + 1 < blocks)
                }
            }
        }
    }

    /// dW of all output blocks, from the dU that is complete.
    package func finishGradient(_ du: UnsafePointer<Float>, into kernels: UnsafeMutablePointer<Float>) {
        finishGradient(du, 0..<output.blocks, into: kernels, adding: false)
    }

    private func finishGradient(
        _ du: UnsafePointer<Float>, _ blocks: Range<Int>, into kernels: UnsafeMutablePointer<Float>, adding: Bool
    ) {
        WinogradWeights(step: weightStep).gradient(
            du, tiles: blocks.count * input.blocks,
            into: kernels + blocks.lowerBound * input.blocks * 9 * laneCount * laneCount, adding: adding)
    }
}
