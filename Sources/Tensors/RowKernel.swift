/// A convolution, its normalization and ReLU, and a linear layer over everything, one image row at a time: what the
/// row-split plan of a shallow network is made of.
///
/// All raw convolution outputs of a row stand together, `[image][block][W][16]`, so that a thread that owns a row reads
/// and writes one contiguous stretch of memory. N images, B blocks of sixteen channels, H rows of W pixels; a row of the
/// linear layer's input is its vectors `(block·H + row)·W …`.
package struct RowKernel: Sendable {
    package let blocks: Int
    package let width: Int
    package let height: Int
    private let linear: LinearKernel

    package init(layout: BlockedLayout, linear: LinearKernel) {
        precondition(layout.extent.depth == 1 && layout.halo == .zero, "rows of dense two-dimensional features")
        precondition(linear.vectors == layout.imageStride / laneCount, "the linear layer has other inputs")
        blocks = layout.blocks
        width = layout.extent.width
        height = layout.extent.height
        self.linear = linear
    }

    /// Floats of one image's row of one block, and of all blocks.
    package var blockStride: Int { width * laneCount }
    package var imageStride: Int { blocks * blockStride }

    /// What normalization reads, one number a channel each.
    package struct Normalization {
        package let mean: UnsafePointer<Float>
        package let scale: UnsafePointer<Float>
        package let bias: UnsafePointer<Float>

        package init(mean: UnsafePointer<Float>, scale: UnsafePointer<Float>, bias: UnsafePointer<Float>) {
            self.mean = mean
            self.scale = scale
            self.bias = bias
        }
    }

    /// Mean and M₂ of each channel over a row of N images.
    package func moments(
        _ z: UnsafePointer<Float>, images: Int, mean: UnsafeMutablePointer<Double>,
        squares: UnsafeMutablePointer<Double>
    ) {
        let count = Double(images * width)
        for block in 0..<blocks {
            let start = z + block * blockStride, shift = Lanes(at: start)
            var sum = SIMD16<Double>(), square = SIMD16<Double>()
            for image in 0..<images {
                NormalizationRow.moments(
                    start + image * imageStride, count: width, shift: shift, sum: &sum, square: &square)
            }
            for lane in 0..<laneCount {
                mean[block &* laneCount &+ lane] = Double(shift[lane]) + sum[lane] / count
                squares[block &* laneCount &+ lane] = square[lane] - sum[lane] * sum[lane] / count
            }
        }
    }

    /// Adds a row's products with the linear layer's weights to `sums` ([image][output][16], lanes not yet added up).
    /// `scratch` holds four images' vectors of a block's row.
    package func forward(
        _ z: UnsafePointer<Float>, row: Int, images: Int, _ normalization: Normalization,
        weights: UnsafePointer<Float>, into sums: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
    ) {
        for image in stride(from: 0, to: images, by: 4) {
            let group = min(4, images - image)
            for block in 0..<blocks {
                normalize(z + image * imageStride + block * blockStride, group, 0, width, block, normalization, scratch)
                accumulate(scratch, group, block, row, weights, sums + image * linear.outputs * laneCount)
            }
        }
    }

    /// The same for outputs that the convolution normalized and rectified already. `z` holds `images` images, at most four.
    package func forwardFolded(
        _ z: UnsafePointer<Float>, row: Int, images: Int, weights: UnsafePointer<Float>,
        into sums: UnsafeMutablePointer<Float>
    ) {
        for block in 0..<blocks {
            linear.accumulate(
                .init(z + block * blockStride, stride: imageStride), images: 0..<images,
                from: (block * height + row) * width, count: width, weights: weights, into: sums)
        }
    }

    private func normalize(
        _ z: UnsafePointer<Float>, _ images: Int, _ first: Int, _ count: Int, _ block: Int,
        _ normalization: Normalization, _ scratch: UnsafeMutablePointer<Float>
    ) {
        let lane = block * laneCount
        for image in 0..<images {
            NormalizationRow.normalize(
                z + image * imageStride + first * laneCount, into: scratch + image * count * laneCount, count: count,
                mean: normalization.mean + lane, scale: normalization.scale + lane, bias: normalization.bias + lane,
                rectify: true)
        }
    }

    private func accumulate(
        _ scratch: UnsafePointer<Float>, _ images: Int, _ block: Int, _ row: Int, _ weights: UnsafePointer<Float>,
        _ sums: UnsafeMutablePointer<Float>
    ) {
        linear.accumulate(
            .init(scratch, stride: blockStride), images: 0..<images, from: (block * height + row) * width,
            count: width, weights: weights, into: sums)
    }

    /// The way back through linear layer and ReLU for one row: the gradient of the weights, and the sums of the gradient of
    /// the normalization's output over the row.
    ///
    /// A chunk of sixteen pixels is done for all images before the next: its weights and their gradient stay in the
    /// first-level cache. `scratch` holds 2 × 4 images × 16 vectors.
    package func backward(
        _ z: UnsafePointer<Float>, row: Int, dy: LinearKernel.Inputs, images: Int, _ normalization: Normalization,
        weights: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>, sum: UnsafeMutablePointer<Double>,
        product: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Float>
    ) {
        for block in 0..<blocks {
            var sums = SIMD16<Double>(), products = SIMD16<Double>()
            let lane = block * laneCount
            for first in stride(from: 0, to: width, by: LinearKernel.chunk) {
                let count = min(LinearKernel.chunk, width - first)
                linear.clear(gradient, from: (block * height + row) * width + first, count: count)
                for image in stride(from: 0, to: images, by: 4) {
                    let offset = image * imageStride + block * blockStride
                    let group = min(4, images - image)
                    normalize(z + offset, group, first, count, block, normalization, scratch)
                    backward(
                        scratch, .init(dy.base + image * dy.stride, stride: dy.stride), group,
                        (block * height + row) * width + first, count, weights, gradient)
                    let back = scratch + 4 * LinearKernel.chunk * laneCount
                    for index in 0..<group {
                        let place = offset + index * imageStride + first * laneCount
                        let here = index * count * laneCount
                        NormalizationRow.gradientSums(
                            x: z + place, dy: back + here, masked: back + here, count: count,
                            mean: normalization.mean + lane, scale: normalization.scale + lane,
                            bias: normalization.bias + lane, rectified: true, sum: &sums, product: &products)
                    }
                }
            }
            for lane in 0..<laneCount {
                sum[block &* laneCount &+ lane] = sums[lane]
                product[block &* laneCount &+ lane] = products[lane]
            }
        }
    }

    /// The gradient of the convolution's output in one row of at most four images, into `dz` ([image][block][W][16]).
    ///
    /// The linear layer's part is computed a second time: that takes less time than to store it for all images between the
    /// sums that normalization needs and this.
    package func inputGradient(
        _ z: UnsafePointer<Float>, row: Int, dy: LinearKernel.Inputs, images: Int, _ normalization: Normalization,
        offset: UnsafePointer<Float>, slope: UnsafePointer<Float>, weights: UnsafePointer<Float>,
        into dz: UnsafeMutablePointer<Float>
    ) {
        for block in 0..<blocks {
            let lane = block * laneCount
            linear.inputGradient(
                dy: dy, images: images, from: (block * height + row) * width, count: width, weights: weights,
                into: dz + block * blockStride, stride: imageStride)
            for image in 0..<images {
                let place = image * imageStride + block * blockStride
                NormalizationRow.rectifiedInputGradient(
                    x: z + place, dz + place, count: width, mean: normalization.mean + lane,
                    scale: normalization.scale + lane, bias: normalization.bias + lane, offset: offset + lane,
                    slope: slope + lane)
            }
        }
    }

    private func backward(
        _ scratch: UnsafeMutablePointer<Float>, _ dy: LinearKernel.Inputs, _ images: Int, _ vector: Int,
        _ count: Int, _ weights: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>
    ) {
        linear.backward(
            .init(scratch, stride: count * laneCount), dy: dy, images: images, from: vector, count: count,
            weights: weights, gradient: gradient,
            dx: .init(scratch + 4 * LinearKernel.chunk * laneCount, stride: count * laneCount))
    }
}
