import Tensors

/// A fully connected layer: y[n][o] = b[o] + Σ over features of x[n][f]·W[o][f].
///
/// N images, O outputs, P vectors of sixteen features in the order in which the image's memory has them. The lanes of a
/// `Vector16` are features here, not outputs, so that ten outputs cost ten and not sixteen. Weights are
/// `[O/16][P][16 outputs][16 features]`, the last group having as many outputs as are left: all weights of a few vectors
/// stand together, and no power of two lies between two outputs, which would put them into the same lines of the cache.
///
/// Forward: 4 images × 5 outputs are 20 accumulators that run along P, with 4 + 5 vectors loaded for 20 multiply-adds; the
/// lanes are added up once at the end. 20 + 5 + 1 = 26 of AVX-512's 32 registers.
///
/// dW: 5 outputs × 4 vectors are 20 accumulators that run over the images, with 4 vectors and 5 scalars loaded for 20
/// multiply-adds. 20 + 4 + 1 = 25 registers.
///
/// dX: 4 images × 4 vectors are 16 accumulators that run over the outputs, with 4 vectors and 4 scalars loaded for 16
/// multiply-adds. 16 + 4 + 1 = 21 registers.
///
/// Of AVX2's sixteen registers a `Vector16` takes two, and tiles are 3 images × 2 outputs forward (12 + 2 + 1 = 15, half a
/// `Vector16` after the other), 5 outputs × 1 vector for dW (10 + 2 + 1 = 13), 4 images × 1 vector for dX (8 + 2 + 1 = 11).
package struct LinearKernel: Sendable {
    package let vectors: Int
    package let outputs: Int

    /// Vectors at a time in the backward pass: their weights and the gradient of these stay in the first-level cache.
    package static let chunk = 16

    package init(vectors: Int, outputs: Int) {
        precondition(vectors > 0 && outputs > 0, "a linear layer has inputs and outputs")
        self.vectors = vectors
        self.outputs = outputs
    }

    /// Floats that the weights take.
    package var weightCount: Int { outputs * vectors * laneCount }

    /// The offset of the weights from a vector of features to an output.
    package func place(output: Int, vector: Int) -> Int {
        let first = output / laneCount * laneCount
        return first * vectors * laneCount + (vector * groupSize(first) + output - first) * laneCount
    }

    @inline(__always)
    private func groupSize(_ first: Int) -> Int { min(laneCount, outputs &- first) }

    /// A batch of inputs: the first image's, and floats from one image to the next.
    package struct Inputs {
        package let base: UnsafePointer<Float>
        package let stride: Int

        package init(_ base: UnsafePointer<Float>, stride: Int) {
            self.base = base
            self.stride = stride
        }

        /// The inputs without the first `count` images.
        @inline(__always)
        func from(_ count: Int) -> Inputs { Inputs(base + count * stride, stride: stride) }
    }

    // MARK: Forward

    /// y[n][o] for a range of images, `outputStride` floats from one image's outputs to the next's.
    package func forward(
        _ x: Inputs, images: Range<Int>, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
        into y: UnsafeMutablePointer<Float>, outputStride: Int
    ) {
        if InstructionSet.hasWideRegisters {
            forward(InlineArray<4, InlineArray<5, Vector16>>.self, x, images, weights, bias, y, outputStride)
        } else {
            forward(InlineArray<3, InlineArray<2, Vector16>>.self, x, images, weights, bias, y, outputStride)
        }
    }

    @inline(__always)
    private func forward<let rows: Int, let columns: Int>(
        _ tile: InlineArray<rows, InlineArray<columns, Vector16>>.Type, _ x: Inputs, _ images: Range<Int>,
        _ weights: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>,
        _ outputStride: Int
    ) {
        forEachTile(images, rows, columns) { image, group, output, size in
            let product = Product(
                x: x.base + image * x.stride, stride: x.stride, weights: weights + place(output: output, vector: 0),
                step: groupSize(output / laneCount * laneCount) * laneCount, count: vectors)
            let to = y + image * outputStride + output, offset = bias.map { $0 + output }
            switch (group, size) {
            case (rows, columns): product.total(tile, offset, to, outputStride)
            case (rows, _): product.total(InlineArray<rows, InlineArray<1, Vector16>>.self, offset, to, outputStride)
            case (_, columns):
                product.total(InlineArray<1, InlineArray<columns, Vector16>>.self, offset, to, outputStride)
            default: product.total(InlineArray<1, InlineArray<1, Vector16>>.self, offset, to, outputStride)
            }
        }
    }

    /// sums[n][o] += the products over `count` vectors from `first`, the lanes not yet added up; sums is [image][O][16] and
    /// `x` begins at vector `first` of the first image.
    package func accumulate(
        _ x: Inputs, images: Range<Int>, from first: Int, count: Int, weights: UnsafePointer<Float>,
        into sums: UnsafeMutablePointer<Float>
    ) {
        if InstructionSet.hasWideRegisters {
            accumulate(InlineArray<4, InlineArray<5, Vector16>>.self, x, images, first, count, weights, sums)
        } else {
            accumulate(InlineArray<3, InlineArray<2, Vector16>>.self, x, images, first, count, weights, sums)
        }
    }

    @inline(__always)
    private func accumulate<let rows: Int, let columns: Int>(
        _ tile: InlineArray<rows, InlineArray<columns, Vector16>>.Type, _ x: Inputs, _ images: Range<Int>, _ first: Int,
        _ count: Int, _ weights: UnsafePointer<Float>, _ sums: UnsafeMutablePointer<Float>
    ) {
        let stride = outputs * laneCount
        forEachTile(images, rows, columns) { image, group, output, size in
            let product = Product(
                x: x.base + (image - images.lowerBound) * x.stride, stride: x.stride,
                weights: weights + place(output: output, vector: first),
                step: groupSize(output / laneCount * laneCount) * laneCount, count: count)
            let to = sums + (image * outputs + output) * laneCount
            switch (group, size) {
            case (rows, columns): product.accumulate(tile, to, stride)
            case (rows, _): product.accumulate(InlineArray<rows, InlineArray<1, Vector16>>.self, to, stride)
            case (_, columns): product.accumulate(InlineArray<1, InlineArray<columns, Vector16>>.self, to, stride)
            default: product.accumulate(InlineArray<1, InlineArray<1, Vector16>>.self, to, stride)
            }
        }
    }

    /// The products of a few images with a few outputs' weights along some vectors.
    private struct Product {
        let x: UnsafePointer<Float>
        let stride: Int
        let weights: UnsafePointer<Float>
        /// Floats from one vector's weights to the next's.
        let step: Int
        let count: Int

        @inline(__always)
        private func add<let images: Int, let rows: Int>(
            to sums: inout InlineArray<images, InlineArray<rows, Vector16>>
        ) {
            var weight = InlineArray<rows, Vector16>(repeating: Vector16())
            for vector in 0..<count {
                for row in 0..<rows { weight[row] = Vector16(at: weights, (vector &* step) &+ row &* laneCount) }
                for image in 0..<images {
                    let value = Vector16(at: x, (image &* stride) &+ (vector &* laneCount))
                    for row in 0..<rows { sums[image][row].accumulate(value, weight[row]) }
                }
            }
        }

        @inline(__always)
        func total<let images: Int, let rows: Int>(
            _ type: InlineArray<images, InlineArray<rows, Vector16>>.Type, _ bias: UnsafePointer<Float>?,
            _ y: UnsafeMutablePointer<Float>,
            _ outputStride: Int
        ) {
            var sums = InlineArray<images, InlineArray<rows, Vector16>>(repeating: .init(repeating: Vector16()))
            add(to: &sums)
            for image in 0..<images {
                for row in 0..<rows {
                    y[(image &* outputStride) &+ row] = sums[image][row].total + (bias.map { $0[row] } ?? 0)
                }
            }
        }

        @inline(__always)
        func accumulate<let images: Int, let rows: Int>(
            _ type: InlineArray<images, InlineArray<rows, Vector16>>.Type, _ to: UnsafeMutablePointer<Float>,
            _ stride: Int
        ) {
            var sums = InlineArray<images, InlineArray<rows, Vector16>>(repeating: .init(repeating: Vector16()))
            for image in 0..<images {
                for row in 0..<rows { sums[image][row] = Vector16(at: to, (image &* stride) &+ row &* laneCount) }
            }
            add(to: &sums)
            for image in 0..<images {
                for row in 0..<rows { sums[image][row].store(to: to, (image &* stride) &+ row &* laneCount) }
            }
        }
    }

    /// Tiles of images and of outputs, the latter not across groups.
    @inline(__always)
    private func forEachTile(
        _ images: Range<Int>, _ rows: Int, _ columns: Int,
        _ body: (_ image: Int, _ group: Int, _ output: Int, _ size: Int) -> Void
    ) {
        forEachTile(images.count, rows) { image, rows in
            for group in stride(from: 0, to: outputs, by: laneCount) {
                forEachTile(groupSize(group), columns) { output, columns in
                    body(images.lowerBound + image, rows, group + output, columns)
                }
            }
        }
    }

    /// Tiles of `size`, then of 1, that cover `count`.
    @inline(__always)
    private func forEachTile(_ count: Int, _ size: Int, _ body: (_ first: Int, _ size: Int) -> Void) {
        var next = 0
        while next < count {
            let tile = count - next >= size ? size : 1
            body(next, tile)
            next += tile
        }
    }

    // MARK: Backward

    /// dW[o][p] = Σ dy[n][o]·x[n][p] for `count` vectors from `first`, at which `x` begins; added to what `gradient` holds,
    /// or in its place.
    package func weightGradient(
        _ x: Inputs, dy: Inputs, images: Int, from first: Int, count: Int, into gradient: UnsafeMutablePointer<Float>,
        adding: Bool
    ) {
        let product = GradientProduct(
            x: x.base, xStride: x.stride, dy: dy.base, dyStride: dy.stride, images: images, step: 0, adding: adding)
        if InstructionSet.hasWideRegisters {
            weightGradient(InlineArray<5, InlineArray<4, Vector16>>.self, product, first, count, gradient)
        } else {
            weightGradient(InlineArray<5, InlineArray<1, Vector16>>.self, product, first, count, gradient)
        }
    }

    @inline(__always)
    private func weightGradient<let rows: Int, let columns: Int>(
        _ tile: InlineArray<rows, InlineArray<columns, Vector16>>.Type, _ whole: GradientProduct, _ first: Int,
        _ count: Int, _ gradient: UnsafeMutablePointer<Float>
    ) {
        for group in Swift.stride(from: 0, to: outputs, by: laneCount) {
            forEachTile(groupSize(group), rows) { output, height in
                forEachTile(count, columns) { vector, width in
                    let product = whole.part(
                        output: group + output, vector: vector, step: groupSize(group) * laneCount)
                    let target = gradient + place(output: group + output, vector: first + vector)
                    switch (height, width) {
                    case (rows, columns): product.run(tile, target)
                    case (rows, _): product.run(InlineArray<rows, InlineArray<1, Vector16>>.self, target)
                    case (_, columns): product.run(InlineArray<1, InlineArray<columns, Vector16>>.self, target)
                    default: product.run(InlineArray<1, InlineArray<1, Vector16>>.self, target)
                    }
                }
            }
        }
    }

    private struct GradientProduct {
        let x: UnsafePointer<Float>
        let xStride: Int
        let dy: UnsafePointer<Float>
        let dyStride: Int
        let images: Int
        /// Floats from one vector's weights to the next's.
        let step: Int
        let adding: Bool

        /// From an output and a vector on.
        @inline(__always)
        func part(output: Int, vector: Int, step: Int) -> Self {
            Self(
                x: x + vector * laneCount, xStride: xStride, dy: dy + output, dyStride: dyStride, images: images,
                step: step, adding: adding)
        }

        @inline(__always)
        func run<let outputs: Int, let vectors: Int>(
            _ type: InlineArray<outputs, InlineArray<vectors, Vector16>>.Type, _ target: UnsafeMutablePointer<Float>
        ) {
            var sums = InlineArray<outputs, InlineArray<vectors, Vector16>>(repeating: .init(repeating: Vector16()))
            if adding {
                for output in 0..<outputs {
                    for vector in 0..<vectors {
                        sums[output][vector] = Vector16(at: target, (vector &* step) &+ output &* laneCount)
                    }
                }
            }
            var from = x, scalars = dy
            for _ in 0..<images {
                var values = InlineArray<vectors, Vector16>(repeating: Vector16())
                for vector in 0..<vectors { values[vector] = Vector16(at: from, vector &* laneCount) }
                for output in 0..<outputs {
                    let scalar = Vector16(broadcast: scalars, output)
                    for vector in 0..<vectors { sums[output][vector].accumulate(scalar, values[vector]) }
                }
                from += xStride
                scalars += dyStride
            }
            for output in 0..<outputs {
                for vector in 0..<vectors {
                    sums[output][vector].store(to: target, (vector &* step) &+ output &* laneCount)
                }
            }
        }
    }

    /// The memory for the gradient of the inputs: vector i of the range at `places[i]`, or side by side without places.
    package struct Gradient {
        package let base: UnsafeMutablePointer<Float>
        package let stride: Int
        package let places: UnsafePointer<Int>?

        package init(_ base: UnsafeMutablePointer<Float>, stride: Int, places: UnsafePointer<Int>? = nil) {
            self.base = base
            self.stride = stride
            self.places = places
        }

        @inline(__always)
        func place(_ vector: Int) -> Int { places.map { $0[vector] } ?? vector &* laneCount }
    }

    /// dx[n][p] = Σ dy[n][o]·W[o][p] for `count` vectors from `first`, at which `dx` begins.
    package func inputGradient(
        dy: Inputs, images: Int, from first: Int, count: Int, weights: UnsafePointer<Float>, into dx: Gradient
    ) {
        if InstructionSet.hasWideRegisters {
            inputGradient(InlineArray<4, InlineArray<4, Vector16>>.self, dy, images, first, count, weights, dx)
        } else {
            inputGradient(InlineArray<4, InlineArray<1, Vector16>>.self, dy, images, first, count, weights, dx)
        }
    }

    @inline(__always)
    private func inputGradient<let rows: Int, let columns: Int>(
        _ size: InlineArray<rows, InlineArray<columns, Vector16>>.Type, _ dy: Inputs, _ images: Int, _ first: Int,
        _ count: Int, _ weights: UnsafePointer<Float>, _ dx: Gradient
    ) {
        forEachTile(images, rows) { image, height in
            forEachTile(count, columns) { vector, width in
                let tile = Tile(
                    dy: Inputs(dy.base + image * dy.stride, stride: dy.stride), image: image, vector: vector,
                    weights: first + vector)
                switch (height, width) {
                case (rows, columns): run(size, tile, weights, dx)
                case (rows, _): run(InlineArray<rows, InlineArray<1, Vector16>>.self, tile, weights, dx)
                case (_, columns): run(InlineArray<1, InlineArray<columns, Vector16>>.self, tile, weights, dx)
                default: run(InlineArray<1, InlineArray<1, Vector16>>.self, tile, weights, dx)
                }
            }
        }
    }

    /// A few images and vectors: the first of them in the gradient, and in the weights.
    private struct Tile {
        let dy: Inputs
        let image: Int
        let vector: Int
        let weights: Int
    }

    @inline(__always)
    private func run<let images: Int, let vectors: Int>(
        _ type: InlineArray<images, InlineArray<vectors, Vector16>>.Type, _ tile: Tile,
        _ weights: UnsafePointer<Float>, _ dx: Gradient
    ) {
        var sums = InlineArray<images, InlineArray<vectors, Vector16>>(repeating: .init(repeating: Vector16()))
        for first in stride(from: 0, to: outputs, by: laneCount) {
            let size = groupSize(first), step = size &* laneCount
            let group = weights + place(output: first, vector: tile.weights)
            for output in 0..<size {
                var weight = InlineArray<vectors, Vector16>(repeating: Vector16())
                for index in 0..<vectors { weight[index] = Vector16(at: group, (index &* step) &+ output &* laneCount) }
                for image in 0..<images {
                    let scalar = Vector16(broadcast: tile.dy.base, (image &* tile.dy.stride) &+ first &+ output)
                    for index in 0..<vectors { sums[image][index].accumulate(scalar, weight[index]) }
                }
            }
        }
        for image in 0..<images {
            let target = dx.base + (tile.image &+ image) &* dx.stride
            for index in 0..<vectors { sums[image][index].store(to: target, dx.place(tile.vector &+ index)) }
        }
    }

    /// Outputs filled up to whole vectors.
    package var paddedOutputs: Int { (outputs + laneCount - 1) / laneCount * laneCount }

    /// Adds up the lanes that `accumulate` left apart: [image][O][16] → [image][padded O].
    package func addLanes(_ sums: UnsafePointer<Float>, images: Int, into totals: UnsafeMutablePointer<Float>) {
        for image in 0..<images {
            let from = sums + image &* outputs &* laneCount, to = totals + image &* paddedOutputs
            forEachTile(outputs, 4) { output, size in
                let place = output &* laneCount
                guard size == 4 else { return to[output] = Vector16(at: from, place).total }
                let four = Vector16.totals(
                    Vector16(at: from, place), Vector16(at: from, place &+ laneCount),
                    Vector16(at: from, place &+ 2 &* laneCount), Vector16(at: from, place &+ 3 &* laneCount))
                UnsafeMutableRawPointer(to + output).storeBytes(of: four, as: SIMD4<Float>.self)
            }
        }
    }

    /// y[o] = bias[o] + Σ over `parts` of totals[part·stride + o], for one image; all are padded.
    package func join(
        _ totals: UnsafePointer<Float>, parts: Int, stride: Int, bias: UnsafePointer<Float>?,
        into y: UnsafeMutablePointer<Float>
    ) {
        for output in Swift.stride(from: 0, to: outputs, by: laneCount) {
            var sum = bias.map { Vector16(at: $0, output) } ?? Vector16()
            for part in 0..<parts { sum += Vector16(at: totals, (part &* stride) &+ output) }
            sum.store(to: y, output)
        }
    }
}
