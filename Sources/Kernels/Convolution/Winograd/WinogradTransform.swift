/// The transforms of F(4×4, 3×3), Winograd's minimal filtering with 36 products for 16 outputs of a 3×3 kernel instead of
/// 144 (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015), in one dimension; two dimensions are
/// the same along rows and then along columns. Interpolation points 0, ±1, ±2, ∞.
///
///     y = Aᵀ[(G g) ⊙ (Bᵀ d)]          6 inputs d, 3 weights g, 4 outputs y
///     dg = Gᵀ[(A dy) ⊙ (Bᵀ d)]        its transpose, for the gradient of the weights
enum WinogradTransform {
    typealias Six = InlineArray<6, Vector16>

    /// Bᵀ d.
    @inline(__always)
    static func input(_ d: Six) -> Six {
        let even = d[4].plus(d[2], times: -4), odd = d[3].plus(d[1], times: -4)
        let far = d[4] - d[2], step = d[3] - d[1]
        var t = Six(repeating: Vector16())
        t[0] = d[4].plus(d[2], times: -5).plus(d[0], times: 4)
        t[1] = even + odd
        t[2] = even - odd
        t[3] = far.plus(step, times: 2)
        t[4] = far.plus(step, times: -2)
        t[5] = d[5].plus(d[3], times: -5).plus(d[1], times: 4)
        return t
    }

    /// Aᵀ m.
    @inline(__always)
    static func output(_ m: Six) -> InlineArray<4, Vector16> {
        let near = m[1] + m[2], nearStep = m[1] - m[2]
        let far = m[3] + m[4], farStep = m[3] - m[4]
        var y = InlineArray<4, Vector16>(repeating: Vector16())
        y[0] = m[0] + near + far
        y[1] = nearStep.plus(farStep, times: 2)
        y[2] = near.plus(far, times: 4)
        y[3] = (nearStep + m[5]).plus(farStep, times: 8)
        return y
    }

    /// A y.
    @inline(__always)
    static func outputGradient(_ y: InlineArray<4, Vector16>) -> Six {
        let even = y[0] + y[2], odd = y[1] + y[3]
        let farEven = y[0].plus(y[2], times: 4), farOdd = y[1].plus(y[3], times: 4)
        var t = Six(repeating: Vector16())
        t[0] = y[0]
        t[1] = even + odd
        t[2] = even - odd
        t[3] = farEven.plus(farOdd, times: 2)
        t[4] = farEven.plus(farOdd, times: -2)
        t[5] = y[3]
        return t
    }

    /// G g.
    @inline(__always)
    static func weights(_ g: InlineArray<3, Vector16>) -> Six {
        let even = (g[0] + g[2]).times(-1.0 / 6), odd = g[1].times(-1.0 / 6)
        let far = g[0].times(1.0 / 24).plus(g[2], times: 1.0 / 6), farOdd = g[1].times(1.0 / 12)
        var u = Six(repeating: Vector16())
        u[0] = g[0].times(0.25)
        u[1] = even + odd
        u[2] = even - odd
        u[3] = far + farOdd
        u[4] = far - farOdd
        u[5] = g[2]
        return u
    }

    /// Gᵀ u.
    @inline(__always)
    static func weightGradient(_ u: Six) -> InlineArray<3, Vector16> {
        let near = u[1] + u[2], far = u[3] + u[4]
        var g = InlineArray<3, Vector16>(repeating: Vector16())
        g[0] = u[0].times(0.25).plus(near, times: -1.0 / 6).plus(far, times: 1.0 / 24)
        g[1] = (u[2] - u[1]).times(1.0 / 6).plus(u[3] - u[4], times: 1.0 / 12)
        g[2] = u[5].plus(far - near, times: 1.0 / 6)
        return g
    }
}

extension Vector16 {
    @inline(__always)
    fileprivate func times(_ factor: Float) -> Vector16 { self * Vector16(repeating: factor) }

    /// self + other·factor.
    @inline(__always)
    fileprivate func plus(_ other: Vector16, times factor: Float) -> Vector16 {
        var sum = self
        sum.accumulate(other, Vector16(repeating: factor))
        return sum
    }
}
