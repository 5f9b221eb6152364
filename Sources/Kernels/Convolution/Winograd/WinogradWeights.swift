import Tensors

/// The transforms of weights into the frequencies of F(4×4, 3×3), and of their gradient back.
///
/// Both sides are made of 16×16 tiles of channels: `[tile][9 taps][16][16]` outside, `[36][tile][16][16]` inside. Where they
/// are read, a tile is too short a stream for the processor to see; the next tile is asked for beforehand.
struct WinogradWeights {
    /// Floats from one frequency to the next.
    let step: Int

    private var tile: Int { laneCount * laneCount }

    /// U = G g Gᵀ; `flipped` turns kernels by 180°.
    func transform(
        _ weights: UnsafePointer<Float>, tiles: Int, into u: UnsafeMutablePointer<Float>, flipped: Bool
    ) {
        var rows = InlineArray<3, WinogradTransform.Six>(repeating: .init(repeating: Vector16()))
        for index in 0..<tiles {
            for vector in 0..<laneCount {
                let place = vector * laneCount
                transformVector(
                    weights + index * 9 * tile + place, into: u + index * tile + place, flipped: flipped, by: &rows)
            }
        }
    }

    @inline(__always)
    private func transformVector(
        _ from: UnsafePointer<Float>, into to: UnsafeMutablePointer<Float>, flipped: Bool,
        by rows: inout InlineArray<3, WinogradTransform.Six>
    ) {
        for row in 0..<3 {
            var taps = InlineArray<3, Vector16>(repeating: Vector16())
            for column in 0..<3 {
                let tap = row * 3 + column
                taps[column] = Vector16(at: from, (flipped ? 8 - tap : tap) &* tile)
                Vector16.prefetch(from, (tap &+ 9) &* tile)
            }
            rows[row] = WinogradTransform.weights(taps)
        }
        for column in 0..<6 {
            var three = InlineArray<3, Vector16>(repeating: Vector16())
            for row in 0..<3 { three[row] = rows[row][column] }
            let sixth = WinogradTransform.weights(three)
            for row in 0..<6 {
                let place = ((row &* 6) &+ column) &* step
                sixth[row].store(to: to, place)
            }
        }
    }

    /// dg = Gᵀ du G, or what is `adding` to dg.
    func gradient(
        _ du: UnsafePointer<Float>, tiles: Int, into gradient: UnsafeMutablePointer<Float>, adding: Bool
    ) {
        var rows = InlineArray<6, InlineArray<3, Vector16>>(repeating: .init(repeating: Vector16()))
        for index in 0..<tiles {
            for vector in 0..<laneCount {
                let place = vector * laneCount
                gradientVector(
                    du + index * tile + place, into: gradient + index * 9 * tile + place, adding: adding, by: &rows)
            }
        }
    }

    @inline(__always)
    private func gradientVector(
        _ du: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>, adding: Bool,
        by rows: inout InlineArray<6, InlineArray<3, Vector16>>
    ) {
        for row in 0..<6 {
            var six = WinogradTransform.Six(repeating: Vector16())
            for column in 0..<6 {
                let place = ((row &* 6) &+ column) &* step
                six[column] = Vector16(at: du, place)
                Vector16.prefetch(du, place &+ tile)
            }
            rows[row] = WinogradTransform.weightGradient(six)
        }
        for column in 0..<3 {
            var six = WinogradTransform.Six(repeating: Vector16())
            for row in 0..<6 { six[row] = rows[row][column] }
            let taps = WinogradTransform.weightGradient(six)
            for row in 0..<3 {
                let place = (row * 3 + column) &* tile
                (adding ? Vector16(at: gradient, place) + taps[row] : taps[row]).store(to: gradient, place)
            }
        }
    }
}
