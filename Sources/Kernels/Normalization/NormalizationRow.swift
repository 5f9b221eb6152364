import Tensors

/// Batch normalization of a row of pixels of one block: the arithmetic, without any layout.
///
/// `mean`, `scale`, … point at the block's sixteen channels.
package enum NormalizationRow {
    /// Adds Σ(x − shift) and Σ(x − shift)² over a row to `sum` and `square`, in Double from row to row so that long sums
    /// don't lose digits.
    @inline(__always)
    static func moments(
        _ x: UnsafePointer<Float>, count: Int, shift: Vector16, sum: inout SIMD16<Double>, square: inout SIMD16<Double>
    ) {
        var rowSum = Vector16(), rowSquare = Vector16()
        for column in 0..<count {
            let value = Vector16(at: x, column &* laneCount) - shift
            rowSum += value
            rowSquare.accumulate(value, value)
        }
        sum += SIMD16<Double>(rowSum)
        square += SIMD16<Double>(rowSquare)
    }

    /// y = (x − mean)·scale + bias, and max(0, ·) of it if `rectify`.
    @inline(__always)
    package static func normalize(
        _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, count: Int, mean: UnsafePointer<Float>,
        scale: UnsafePointer<Float>, bias: UnsafePointer<Float>, rectify: Bool
    ) {
        let center = Vector16(at: mean), factor = Vector16(at: scale), offset = Vector16(at: bias)
        for column in 0..<count {
            var value = offset
            value.accumulate(Vector16(at: x, column &* laneCount) - center, factor)
            if rectify { value = value.rectified }
            value.store(to: y, column &* laneCount)
        }
    }

    /// Sets dy to zero where the normalized value isn't positive, storing it to `masked` (which may be dy), and adds Σdy and
    /// Σdy·(x − mean). The value is computed again as `normalize` did: its sign needs no memory.
    @inline(__always)
    static func gradientSums(
        x: UnsafePointer<Float>, dy: UnsafePointer<Float>, masked: UnsafeMutablePointer<Float>, count: Int,
        mean: UnsafePointer<Float>, scale: UnsafePointer<Float>, bias: UnsafePointer<Float>, rectified: Bool,
        sum: inout SIMD16<Double>, product: inout SIMD16<Double>
    ) {
        let center = Vector16(at: mean), factor = Vector16(at: scale), offset = Vector16(at: bias)
        var rowSum = Vector16(), rowProduct = Vector16()
        for column in 0..<count {
            var value = Vector16(at: dy, column &* laneCount)
            let distance = Vector16(at: x, column &* laneCount) - center
            if rectified {
                var normalized = offset
                normalized.accumulate(distance, factor)
                value.replace(with: Vector16(), where: normalized .<= Vector16())
                value.store(to: masked, column &* laneCount)
            }
            rowSum += value
            rowProduct.accumulate(value, distance)
        }
        sum += SIMD16<Double>(rowSum)
        product += SIMD16<Double>(rowProduct)
    }

    /// Sets dy to zero where the rectified value `y` isn't positive, and adds Σdy.
    @inline(__always)
    static func rectifyGradient(
        y: UnsafePointer<Float>, _ dy: UnsafeMutablePointer<Float>, count: Int, sum: inout SIMD16<Double>
    ) {
        var rowSum = Vector16()
        for column in 0..<count {
            var value = Vector16(at: dy, column &* laneCount)
            value.replace(with: Vector16(), where: Vector16(at: y, column &* laneCount) .<= Vector16())
            value.store(to: dy, column &* laneCount)
            rowSum += value
        }
        sum += SIMD16<Double>(rowSum)
    }

    /// dx = scale·(dy − offset − (x − mean)·slope).
    @inline(__always)
    package static func inputGradient(
        x: UnsafePointer<Float>, dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, count: Int,
        mean: UnsafePointer<Float>, scale: UnsafePointer<Float>, offset: UnsafePointer<Float>,
        slope: UnsafePointer<Float>
    ) {
        let center = Vector16(at: mean), factor = Vector16(at: scale), level = Vector16(at: offset),
            rise = -Vector16(at: slope)
        for column in 0..<count {
            var value = Vector16(at: dy, column &* laneCount) - level
            value.accumulate(Vector16(at: x, column &* laneCount) - center, rise)
            (value * factor).store(to: dx, column &* laneCount)
        }
    }
}
