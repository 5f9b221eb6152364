import Tensors

/// The kernel of the shallow plan: a convolution's normalized and rectified output and a linear layer over all of it, one image
/// row at a time.
///
/// The outputs of a row stand together, `[image][block][W][16]`, so that a thread that owns a row reads and writes one
/// contiguous stretch of memory. N images, B blocks of sixteen channels, H rows of W pixels; a row of the linear layer's
/// input is its vectors `(block·H + row)·W …`.
package struct RowKernel: Sendable {
    package let blocks: Int
    package let width: Int
    package let height: Int
    private let linear: LinearKernel
    private let convolution: ConvolutionWeightGradient

    package init(layout: BlockedLayout, linear: LinearKernel, convolution: ConvolutionWeightGradient) {
        precondition(layout.extent.depth == 1 && layout.halo == .zero, "rows of dense two-dimensional features")
        precondition(linear.vectors == layout.imageStride / laneCount, "the linear layer has other inputs")
        blocks = layout.blocks
        width = layout.extent.width
        height = layout.extent.height
        self.linear = linear
        self.convolution = convolution
    }

    /// Floats of one image's row of one block, and of all blocks.
    package var blockStride: Int { width * laneCount }
    package var imageStride: Int { blocks * blockStride }

    /// Images that are together in the first-level cache.
    package static let imagesTogether = 4
    /// Floats that the backward pass needs.
    package static let scratchCount = imagesTogether * LinearKernel.chunk * laneCount

    /// Adds the products of a row of `images` images with the linear layer's weights to `sums` ([image][output][16], lanes
    /// not yet added up).
    package func forward(
        _ y: UnsafePointer<Float>, row: Int, images: Int, weights: UnsafePointer<Float>,
        into sums: UnsafeMutablePointer<Float>
    ) {
        for block in 0..<blocks {
            linear.accumulate(
                .init(y + block * blockStride, stride: imageStride), images: 0..<images,
                from: vector(block, row, 0), count: width, weights: weights, into: sums)
        }
    }

    /// The input of the backward pass of one row: all pointers are those of the first image.
    package struct BackwardInput {
        package let row: Int
        package let images: Int
        /// The images.
        package let x: LinearKernel.Inputs
        /// The rectified outputs.
        package let y: UnsafePointer<Float>
        /// The gradient of the linear layer's outputs, and its weights.
        package let dy: LinearKernel.Inputs
        package let weights: UnsafePointer<Float>

        package init(
            row: Int, images: Int, x: LinearKernel.Inputs, y: UnsafePointer<Float>, dy: LinearKernel.Inputs,
            weights: UnsafePointer<Float>
        ) {
            self.row = row
            self.images = images
            self.x = x
            self.y = y
            self.dy = dy
            self.weights = weights
        }
    }

    /// The output of the backward pass: sums over images, which are added to what is there or take its place.
    package struct BackwardOutput {
        package let adding: Bool
        /// The gradient of the linear layer's weights of this row.
        package let gradient: UnsafeMutablePointer<Float>
        /// Of the gradient g that ReLU lets through: Σ g over the row, a number a channel, …
        package let sum: UnsafeMutablePointer<Double>
        /// … and Σ X·g, laid out as the convolution's weights, to which the row's share is added.
        package let products: UnsafeMutablePointer<Float>
        /// `scratchCount` floats.
        package let scratch: UnsafeMutablePointer<Float>

        package init(
            adding: Bool, gradient: UnsafeMutablePointer<Float>, sum: UnsafeMutablePointer<Double>,
            products: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
        ) {
            self.adding = adding
            self.gradient = gradient
            self.sum = sum
            self.products = products
            self.scratch = scratch
        }
    }

    /// The backward pass through linear layer and ReLU to the sums that make up the convolution's gradient, sixteen columns at a time:
    /// g of these stays in the first-level cache and is nowhere else.
    package func backward(_ input: BackwardInput, into output: BackwardOutput) {
        forEachChunk { chunk in
            weightGradient(chunk, input, into: output)
            sumGradient(chunk, input, into: output)
        }
    }

    /// The part of `backward` that sums over rows, too …
    package func sumGradient(_ input: BackwardInput, into output: BackwardOutput) {
        forEachChunk { sumGradient($0, input, into: output) }
    }

    /// … and the part that doesn't.
    package func weightGradient(_ input: BackwardInput, into output: BackwardOutput) {
        forEachChunk { weightGradient($0, input, into: output) }
    }

    /// A few columns of a block's row.
    private struct Chunk {
        let block: Int
        let columns: Range<Int>
    }

    @inline(__always)
    private func forEachChunk(_ body: (Chunk) -> Void) {
        for block in 0..<blocks {
            for first in stride(from: 0, to: width, by: LinearKernel.chunk) {
                body(Chunk(block: block, columns: first..<min(first + LinearKernel.chunk, width)))
            }
        }
    }

    private func weightGradient(_ chunk: Chunk, _ input: BackwardInput, into output: BackwardOutput) {
        linear.weightGradient(
            .init(input.y + offset(chunk), stride: imageStride), dy: input.dy, images: input.images,
            from: vector(chunk, input.row), count: chunk.columns.count, into: output.gradient, adding: output.adding)
    }

    private func sumGradient(_ chunk: Chunk, _ input: BackwardInput, into output: BackwardOutput) {
        let target = output.sum + chunk.block * laneCount, isFirst = chunk.columns.lowerBound == 0 && !output.adding
        var sum = isFirst ? SIMD16<Double>() : SIMD16(at: target)
        let g = LinearKernel.Gradient(output.scratch, stride: chunk.columns.count * laneCount)
        for first in stride(from: 0, to: input.images, by: Self.imagesTogether) {
            let images = min(Self.imagesTogether, input.images - first)
            linear.inputGradient(
                dy: input.dy.from(first), images: images, from: vector(chunk, input.row), count: chunk.columns.count,
                weights: input.weights, into: g)
            for image in 0..<images {
                NormalizationRow.rectifyGradient(
                    y: input.y + offset(chunk) + (first + image) * imageStride, g.base + image * g.stride,
                    count: chunk.columns.count, sum: &sum)
            }
            convolution.accumulate(
                row: input.row, columns: chunk.columns, images: images, x: input.x.from(first).base,
                imageStride: input.x.stride, dy: g.base, dyStride: g.stride, block: chunk.block, into: output.products)
        }
        sum.store(to: target)
    }

    /// Where a chunk's first output is among those of an image's row.
    private func offset(_ chunk: Chunk) -> Int {
        chunk.block * blockStride + chunk.columns.lowerBound * laneCount
    }

    private func vector(_ chunk: Chunk, _ row: Int) -> Int { vector(chunk.block, row, chunk.columns.lowerBound) }

    /// Where a pixel of a block is among the linear layer's vectors.
    private func vector(_ block: Int, _ row: Int, _ column: Int) -> Int { (block * height + row) * width + column }
}
