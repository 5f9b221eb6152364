/// A few neighbouring output pixels and one or two output blocks, held in registers while all taps go by.
///
/// Blocking, for output blocks in pairs (a and b):
///
///        weights of one tap            8 neighbouring output pixels
///        [16 in][16 out]                p0  p1  p2  p3  p4  p5  p6  p7
///     a  ────── one Lanes  ──┐     a   [ ] [ ] [ ] [ ] [ ] [ ] [ ] [ ]   16 accumulators, each one Lanes
///     b  ────── one Lanes  ──┴──►  b   [ ] [ ] [ ] [ ] [ ] [ ] [ ] [ ]   of 16 output channels
///                                       ▲   ▲
///                     input scalar of each pixel, broadcast inside the multiply-add
///
/// Registers: 16 accumulators + 2 weights = 18 of AVX-512's 32; a single block takes 16 pixels × 1 instead. Sixteen
/// independent sums hide the latency of the multiply-add four times over, and each weight is loaded once for 8 pixels.
///
/// A row whose width is no multiple of the tile ends with a tile that overlaps the one before: the same values are then
/// computed twice, which is cheaper than a tail of odd tiles. So every output value is summed in the same order, whatever
/// tile computes it.
struct ConvolutionTile {
    let x: UnsafePointer<Float>
    let y: UnsafeMutablePointer<Float>
    let weights: UnsafePointer<Float>
    let bias: UnsafePointer<Float>?
    let taps: UnsafePointer<Tap>
    let tapCount: Int
    let outputBlockStride: Int
    let weightBlockStride: Int
    let inputPixel: Int
    let outputPixel: Int

    /// The widest tile that fits, and smaller ones only for rows narrower than it.
    func runRow(width: Int, paired: Bool, planar: Bool) {
        switch (paired, width) {
        case (true, 8...): repeatTile(of: 8, width) { pair(InlineArray<8, Lanes>.self, planar, $0) }
        case (true, 4...): repeatTile(of: 4, width) { pair(InlineArray<4, Lanes>.self, planar, $0) }
        case (true, _): repeatTile(of: 1, width) { pair(InlineArray<1, Lanes>.self, planar, $0) }
        case (false, 16...): repeatTile(of: 16, width) { single(InlineArray<16, Lanes>.self, planar, $0) }
        case (false, 8...): repeatTile(of: 8, width) { single(InlineArray<8, Lanes>.self, planar, $0) }
        case (false, 4...): repeatTile(of: 4, width) { single(InlineArray<4, Lanes>.self, planar, $0) }
        case (false, _): repeatTile(of: 1, width) { single(InlineArray<1, Lanes>.self, planar, $0) }
        }
    }

    @inline(__always)
    private func repeatTile(of size: Int, _ width: Int, _ body: (_ pixel: Int) -> Void) {
        var pixel = 0
        while pixel < width {
            body(min(pixel, width - size))
            pixel += size
        }
    }

    /// Constants for the strides that matter let the compiler put them into the addresses.
    @inline(__always)
    private func pair<let pixels: Int>(_ type: InlineArray<pixels, Lanes>.Type, _ planar: Bool, _ pixel: Int) {
        if planar {
            pair(type, pixel, inputs: 1, stride: inputPixel)
        } else if inputPixel == laneCount {
            pair(type, pixel, inputs: laneCount, stride: laneCount)
        } else if inputPixel == 2 * laneCount {
            pair(type, pixel, inputs: laneCount, stride: 2 * laneCount)
        } else {
            pair(type, pixel, inputs: laneCount, stride: inputPixel)
        }
    }

    @inline(__always)
    private func single<let pixels: Int>(_ type: InlineArray<pixels, Lanes>.Type, _ planar: Bool, _ pixel: Int) {
        if planar && inputPixel == 1 {
            single(type, pixel, inputs: 1, stride: 1)
        } else if planar {
            single(type, pixel, inputs: 1, stride: inputPixel)
        } else if inputPixel == laneCount {
            single(type, pixel, inputs: laneCount, stride: laneCount)
        } else if inputPixel == 2 * laneCount {
            single(type, pixel, inputs: laneCount, stride: 2 * laneCount)
        } else {
            single(type, pixel, inputs: laneCount, stride: inputPixel)
        }
    }

    @inline(__always)
    private func pair<let pixels: Int>(
        _ type: InlineArray<pixels, Lanes>.Type, _ pixel: Int, inputs: Int, stride: Int
    ) {
        var a = InlineArray<pixels, Lanes>(repeating: start(block: 0))
        var b = InlineArray<pixels, Lanes>(repeating: start(block: 1))
        let input = x + pixel &* stride
        for tap in 0..<tapCount {
            let from = input + taps[tap].input, weight = weights + taps[tap].weight
            for channel in 0..<inputs {
                let toA = Lanes(at: weight, channel &* laneCount)
                let toB = Lanes(at: weight + weightBlockStride, channel &* laneCount)
                for p in 0..<pixels {
                    let value = Lanes(broadcast: from, channel &+ (p &* stride))
                    a[p].accumulate(toA, value)
                    b[p].accumulate(toB, value)
                }
            }
        }
        store(a, at: y + pixel &* outputPixel)
        store(b, at: y + outputBlockStride + pixel &* outputPixel)
    }

    @inline(__always)
    private func single<let pixels: Int>(
        _ type: InlineArray<pixels, Lanes>.Type, _ pixel: Int, inputs: Int, stride: Int
    ) {
        var a = InlineArray<pixels, Lanes>(repeating: start(block: 0))
        let input = x + pixel &* stride
        for tap in 0..<tapCount {
            let from = input + taps[tap].input, weight = weights + taps[tap].weight
            for channel in 0..<inputs {
                let toA = Lanes(at: weight, channel &* laneCount)
                for p in 0..<pixels { a[p].accumulate(toA, Lanes(broadcast: from, channel &+ (p &* stride))) }
            }
        }
        store(a, at: y + pixel &* outputPixel)
    }

    @inline(__always)
    private func start(block: Int) -> Lanes {
        guard let bias else { return Lanes() }
        return Lanes(at: bias, block &* laneCount)
    }

    @inline(__always)
    private func store<let pixels: Int>(_ sums: InlineArray<pixels, Lanes>, at y: UnsafeMutablePointer<Float>) {
        for p in 0..<pixels { sums[p].store(to: y, p &* outputPixel) }
    }
}
