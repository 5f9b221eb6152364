/// A fully connected layer: y[n][o] = b[o] + Σ over features of x[n][f]·W[o][f].
///
/// N images, O outputs, P vectors of sixteen features in the order in which the image's memory has them. Weights are
/// `[O][P][16]`: the lanes of a `Lanes` are features here, not outputs, so that ten outputs cost ten and not sixteen.
///
/// Forward blocking: 4 images × 4 outputs are 16 accumulators that run along P, with 4 + 4 vectors loaded for 16
/// multiply-adds; the lanes are added up once at the end. 16 + 8 = 24 of AVX-512's 32 registers.
///
/// Backward blocking: 4 images × 16 vectors at a time, dX and dW together. For one vector, the four dX stay in registers
/// while all outputs go by:
///
///             W[o][p]   dW[o][p]        loaded, dW stored again
///                │          ▲
///     dx0…dx3 ◄──┴──────────┴── x0…x3   8 multiply-adds with the 4 scalars dy[0…3][o]
///
/// 4 dX + 4 x + W + dW = 10 registers; 16 vectors of O rows stay in the first-level cache for all images.
package struct LinearKernel: Sendable {
    package let vectors: Int
    package let outputs: Int
    /// Floats from one image's features to the next's.
    package let imageStride: Int
    /// Floats from one image's outputs to the next's.
    package let outputStride: Int

    package init(vectors: Int, outputs: Int, imageStride: Int, outputStride: Int) {
        precondition(imageStride >= vectors * laneCount && outputStride >= outputs, "images overlap")
        self.vectors = vectors
        self.outputs = outputs
        self.imageStride = imageStride
        self.outputStride = outputStride
    }

    package func forward(
        _ x: UnsafePointer<Float>, images: Range<Int>, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
        into y: UnsafeMutablePointer<Float>
    ) {
        var image = images.lowerBound
        while image < images.upperBound {
            let group = images.upperBound - image >= 4 ? 4 : 1
            var output = 0
            while output < outputs {
                let wide = outputs - output >= 4
                let from = x + image * imageStride, to = y + image * outputStride + output
                let row = weights + output * vectors * laneCount, offset = bias.map { $0 + output }
                switch (group, wide) {
                case (4, true): tile(from, row, offset, to, InlineArray<4, Int>.self, InlineArray<4, Lanes>.self)
                case (4, false): tile(from, row, offset, to, InlineArray<4, Int>.self, InlineArray<1, Lanes>.self)
                case (_, true): tile(from, row, offset, to, InlineArray<1, Int>.self, InlineArray<4, Lanes>.self)
                case (_, false): tile(from, row, offset, to, InlineArray<1, Int>.self, InlineArray<1, Lanes>.self)
                }
                output += wide ? 4 : 1
            }
            image += group
        }
    }

    @inline(__always)
    private func tile<let images: Int, let rows: Int>(
        _ x: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?,
        _ y: UnsafeMutablePointer<Float>, _ group: InlineArray<images, Int>.Type,
        _ wide: InlineArray<rows, Lanes>.Type
    ) {
        var sums = InlineArray<images, InlineArray<rows, Lanes>>(
            repeating: InlineArray<rows, Lanes>(repeating: Lanes()))
        for vector in 0..<vectors {
            var weight = InlineArray<rows, Lanes>(repeating: Lanes())
            for row in 0..<rows {
                weight[row] = Lanes(at: weights, ((row &* vectors) &+ vector) &* laneCount)
            }
            for image in 0..<images {
                let value = Lanes(at: x, (image &* imageStride) &+ (vector &* laneCount))
                for row in 0..<rows { sums[image][row].accumulate(value, weight[row]) }
            }
        }
        for image in 0..<images {
            for row in 0..<rows {
                y[(image &* outputStride) &+ row] = sums[image][row].total + (bias.map { $0[row] } ?? 0)
            }
        }
    }

    /// dW[o][p] += Σ dy[n][o]·x[n][p] and, unless `dx` is nil, dx[n][p] = Σ dy[n][o]·W[o][p], for all images and a range
    /// of vectors. Vector p of an image's dx stands `dxPlaces[p]` floats from its start, so that it may have a halo.
    package func backward(
        x: UnsafePointer<Float>, dy: UnsafePointer<Float>, images: Int, vectors range: Range<Int>,
        weights: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>, dx: UnsafeMutablePointer<Float>?,
        dxPlaces: UnsafePointer<Int>, dxStride: Int
    ) {
        var image = 0
        while image < images {
            let group = images - image >= 4 ? 4 : 1
            for vector in range {
                let offset = vector * laneCount
                let from = x + image * imageStride + offset, out = dy + image * outputStride
                let into = dx.map { $0 + image * dxStride + dxPlaces[vector] }
                if group == 4 {
                    column(from, out, weights + offset, gradient + offset, into, dxStride, InlineArray<4, Lanes>.self)
                } else {
                    column(from, out, weights + offset, gradient + offset, into, dxStride, InlineArray<1, Lanes>.self)
                }
            }
            image += group
        }
    }

    @inline(__always)
    private func column<let images: Int>(
        _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ weights: UnsafePointer<Float>,
        _ gradient: UnsafeMutablePointer<Float>, _ dx: UnsafeMutablePointer<Float>?, _ dxStride: Int,
        _ group: InlineArray<images, Lanes>.Type
    ) {
        var values = InlineArray<images, Lanes>(repeating: Lanes()), back = values
        for image in 0..<images { values[image] = Lanes(at: x, image &* imageStride) }
        for output in 0..<outputs {
            let place = (output &* vectors) &* laneCount
            let weight = Lanes(at: weights, place)
            var sum = Lanes(at: gradient, place)
            for image in 0..<images {
                let scalar = Lanes(broadcast: dy, (image &* outputStride) &+ output)
                back[image].accumulate(scalar, weight)
                sum.accumulate(scalar, values[image])
            }
            sum.store(to: gradient, place)
        }
        guard let dx else { return }
        for image in 0..<images { back[image].store(to: dx, image &* dxStride) }
    }
}
