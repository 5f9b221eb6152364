/// Weights on their way into the frequencies of F(4×4, 3×3) and their gradient on the way out.
///
/// Both sides are made of 16×16 tiles of channels: `[A][B][9 taps][16][16]` outside, `[36][A][B][16][16]` inside.
package struct WinogradWeights: Sendable {
    private let outer: Int
    private let inner: Int

    /// `outer` and `inner` count blocks of channels: output and input blocks for the forward pass.
    package init(outer: Int, inner: Int) {
        self.outer = outer
        self.inner = inner
    }

    private var tile: Int { laneCount * laneCount }
    private var step: Int { WinogradConvolution.step(outer * inner * tile) }

    /// U = G g Gᵀ for the outer blocks of `range`; `flipped` turns kernels by 180°, as the gradient of the input needs.
    package func transform(
        _ weights: UnsafePointer<Float>, into u: UnsafeMutablePointer<Float>, outer range: Range<Int>, flipped: Bool
    ) {
        for pair in (range.lowerBound * inner)..<(range.upperBound * inner) {
            for vector in 0..<laneCount {
                let from = weights + pair * 9 * tile + vector * laneCount
                transformVector(from, into: u + pair * tile + vector * laneCount, flipped: flipped)
            }
        }
    }

    /// Floats from a store to where the one after a few others goes: 36 streams are more than the processor foresees.
    private static var ahead: Int { 8 * laneCount }

    @inline(__always)
    private func transformVector(
        _ from: UnsafePointer<Float>, into to: UnsafeMutablePointer<Float>, flipped: Bool
    ) {
        var rows = InlineArray<3, WinogradTransform.Six>(repeating: .init(repeating: Lanes()))
        for row in 0..<3 {
            var taps = InlineArray<3, Lanes>(repeating: Lanes())
            for column in 0..<3 {
                let tap = row * 3 + column
                taps[column] = Lanes(at: from, (flipped ? 8 - tap : tap) &* tile)
            }
            rows[row] = WinogradTransform.weights(taps)
        }
        for column in 0..<6 {
            var three = InlineArray<3, Lanes>(repeating: Lanes())
            for row in 0..<3 { three[row] = rows[row][column] }
            let sixth = WinogradTransform.weights(three)
            for row in 0..<6 {
                let place = ((row &* 6) &+ column) &* step
                Lanes.prefetch(to, place &+ Self.ahead)
                sixth[row].store(to: to, place)
            }
        }
    }

    /// dg = Gᵀ du G.
    package func gradient(_ du: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>) {
        for pair in 0..<(outer * inner) {
            for vector in 0..<laneCount {
                let place = vector * laneCount
                gradientVector(du + pair * tile + place, into: gradient + pair * 9 * tile + place)
            }
        }
    }

    @inline(__always)
    private func gradientVector(_ du: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>) {
        var rows = InlineArray<6, InlineArray<3, Lanes>>(repeating: .init(repeating: Lanes()))
        for row in 0..<6 {
            var six = WinogradTransform.Six(repeating: Lanes())
            for column in 0..<6 { six[column] = Lanes(at: du, ((row &* 6) &+ column) &* step) }
            rows[row] = WinogradTransform.weightGradient(six)
        }
        for column in 0..<3 {
            var six = WinogradTransform.Six(repeating: Lanes())
            for row in 0..<6 { six[row] = rows[row][column] }
            let taps = WinogradTransform.weightGradient(six)
            for row in 0..<3 { taps[row].store(to: gradient, (row * 3 + column) &* tile) }
        }
    }
}
