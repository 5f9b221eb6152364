import Tensors

/// A tile of a convolution: a few neighbouring output pixels and one or two output blocks, held in registers while all taps are
/// added.
///
/// Blocking, for output blocks in pairs (a and b):
///
///        weights of one tap            8 neighbouring output pixels
///        [16 in][16 out]                p0  p1  p2  p3  p4  p5  p6  p7
///     a  ────── one Vector16  ──┐     a   [ ] [ ] [ ] [ ] [ ] [ ] [ ] [ ]   16 accumulators, each one Vector16
///     b  ────── one Vector16  ──┴──►  b   [ ] [ ] [ ] [ ] [ ] [ ] [ ] [ ]   of 16 output channels
///                                       ▲   ▲
///                     input scalar of each pixel, broadcast inside the multiply-add
///
/// Registers: 16 accumulators + 2 weights = 18 of AVX-512's 32; a single block takes 16 pixels × 1 instead. Sixteen
/// independent sums hide the latency of the multiply-add four times over, and each weight is loaded once for 8 pixels.
///
/// With sixteen registers of eight floats, as AVX2 has them, a tile is six pixels × one block:
///
///     weights of one tap              6 neighbouring output pixels
///     [16 in][16 out]                   p0  p1  p2  p3  p4  p5
///     ────── two registers  ──────►    [ ] [ ] [ ] [ ] [ ] [ ]      12 accumulators + 2 weights + 1 scalar = 15 registers
///
/// and four pixels where six would leave a rest: 8 accumulators are just enough for two units of a latency of four.
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
    /// The smallest value of a sum: 0 makes a ReLU of it, −∞ nothing. A test of a flag instead would cost the sums their
    /// registers.
    let floor: Float

    /// One row of output pixels of one or two blocks, by the widest tile that fits, and smaller ones only for rows narrower
    /// than it.
    func runRow(width: Int, paired: Bool, _ kind: TapKind) {
        let isSteppingByOne = inputPixel == 1
        switch (InstructionSet.hasWideRegisters, kind) {
        case (true, .neighbours) where isSteppingByOne && !paired && width >= 16:
            runTriples(width: width)
        case (true, _):
            withConstants(kind) { runWide(width: width, paired: paired, inputs: $0, stride: $1) }
        case (false, _) where kind != .channels && isSteppingByOne && width >= 4:
            forEachBlock(paired) { block in
                forEachNarrowTile(width) { size, pixel in
                    if size == 6 {
                        values(InlineArray<6, Vector16>.self, pixel, block)
                    } else {
                        values(InlineArray<4, Vector16>.self, pixel, block)
                    }
                }
            }
        case (false, _):
            withConstants(kind) { inputs, stride in
                forEachBlock(paired) { runNarrow(width: width, block: $0, inputs: inputs, stride: stride) }
            }
        }
    }

    /// A function of its own: among the other tiles its sums would not stay in registers.
    @inline(never)
    private func runTriples(width: Int) { repeatTile(of: 16, width) { triples($0) } }

    @inline(__always)
    private func runWide(width: Int, paired: Bool, inputs: Int, stride: Int) {
        switch (paired, width) {
        case (true, 8...):
            repeatTile(of: 8, width) { pair(InlineArray<8, Vector16>.self, $0, inputs: inputs, stride: stride) }
        case (true, 4...):
            repeatTile(of: 4, width) { pair(InlineArray<4, Vector16>.self, $0, inputs: inputs, stride: stride) }
        case (true, _):
            repeatTile(of: 1, width) { pair(InlineArray<1, Vector16>.self, $0, inputs: inputs, stride: stride) }
        case (false, 16...):
            repeatTile(of: 16, width) { twice(InlineArray<8, Vector16>.self, $0, inputs: inputs, stride: stride) }
        case (false, 8...):
            repeatTile(of: 8, width) { twice(InlineArray<4, Vector16>.self, $0, inputs: inputs, stride: stride) }
        case (false, 4...):
            repeatTile(of: 4, width) { twice(InlineArray<2, Vector16>.self, $0, inputs: inputs, stride: stride) }
        case (false, _):
            repeatTile(of: 1, width) { one(InlineArray<1, Vector16>.self, $0, 0, inputs: inputs, stride: stride) }
        }
    }

    @inline(__always)
    private func runNarrow(width: Int, block: Int, inputs: Int, stride: Int) {
        guard width >= 4 else {
            return repeatTile(of: 1, width) {
                one(InlineArray<1, Vector16>.self, $0, block, inputs: inputs, stride: stride)
            }
        }
        forEachNarrowTile(width) { size, pixel in
            if size == 6 {
                one(InlineArray<6, Vector16>.self, pixel, block, inputs: inputs, stride: stride)
            } else {
                one(InlineArray<4, Vector16>.self, pixel, block, inputs: inputs, stride: stride)
            }
        }
    }

    @inline(__always)
    private func forEachBlock(_ paired: Bool, _ body: (_ block: Int) -> Void) {
        for block in 0..<(paired ? 2 : 1) { body(block) }
    }

    /// Tiles of six and of four, so that only the last may overlap the one before.
    @inline(__always)
    private func forEachNarrowTile(_ width: Int, _ body: (_ size: Int, _ pixel: Int) -> Void) {
        var pixel = 0
        while pixel < width {
            let left = width - pixel
            let size = width >= 6 && (left >= 9 || left == 5 || left == 6) ? 6 : 4
            body(size, min(pixel, width - size))
            pixel += size
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
    private func withConstants(_ kind: TapKind, _ body: (_ inputs: Int, _ stride: Int) -> Void) {
        if kind != .channels {
            body(1, inputPixel)
        } else if inputPixel == laneCount {
            body(laneCount, laneCount)
        } else if inputPixel == 2 * laneCount {
            body(laneCount, 2 * laneCount)
        } else {
            body(laneCount, inputPixel)
        }
    }

    /// Some pixels of two output blocks.
    @inline(__always)
    private func pair<let pixels: Int>(
        _ type: InlineArray<pixels, Vector16>.Type, _ pixel: Int, inputs: Int, stride: Int
    ) {
        var a = InlineArray<pixels, Vector16>(repeating: start(block: 0))
        var b = InlineArray<pixels, Vector16>(repeating: start(block: 1))
        let input = x + (pixel &* stride)
        for tap in 0..<tapCount {
            let from = input + taps[tap].input, weight = weights + taps[tap].weight
            for channel in 0..<inputs {
                let toA = Vector16(at: weight, channel &* laneCount)
                let toB = Vector16(at: weight + weightBlockStride, channel &* laneCount)
                for p in 0..<pixels {
                    let value = Vector16(broadcast: from, channel &+ (p &* stride))
                    a[p].accumulate(toA, value)
                    b[p].accumulate(toB, value)
                }
            }
        }
        let to = y + (pixel &* outputPixel)
        store(a, at: to)
        store(b, at: to + outputBlockStride)
    }

    /// Twice some pixels of one block: the compiler keeps two arrays of eight in registers, but not one of sixteen.
    @inline(__always)
    private func twice<let pixels: Int>(
        _ type: InlineArray<pixels, Vector16>.Type, _ pixel: Int, inputs: Int, stride: Int
    ) {
        var a = InlineArray<pixels, Vector16>(repeating: start(block: 0)), b = a
        let input = x + (pixel &* stride)
        for tap in 0..<tapCount {
            let from = input + taps[tap].input, weight = weights + taps[tap].weight
            for channel in 0..<inputs {
                let to = Vector16(at: weight, channel &* laneCount)
                for p in 0..<pixels {
                    a[p].accumulate(to, Vector16(broadcast: from, channel &+ (p &* stride)))
                    b[p].accumulate(to, Vector16(broadcast: from, channel &+ ((p &+ pixels) &* stride)))
                }
            }
        }
        let to = y + (pixel &* outputPixel)
        store(a, at: to)
        store(b, at: to + (pixels &* outputPixel))
    }

    /// Some pixels of one output block.
    @inline(__always)
    private func one<let pixels: Int>(
        _ type: InlineArray<pixels, Vector16>.Type, _ pixel: Int, _ block: Int, inputs: Int, stride: Int
    ) {
        var sums = InlineArray<pixels, Vector16>(repeating: start(block: block))
        let input = x + (pixel &* stride), weights = weights + block &* weightBlockStride
        for tap in 0..<tapCount {
            let from = input + taps[tap].input, weight = weights + taps[tap].weight
            for channel in 0..<inputs {
                let to = Vector16(at: weight, channel &* laneCount)
                for p in 0..<pixels { sums[p].accumulate(to, Vector16(broadcast: from, channel &+ (p &* stride))) }
            }
        }
        store(sums, at: y + (pixel &* outputPixel) + block &* outputBlockStride)
    }

    /// Some neighbouring pixels of one output block, for taps that are single values.
    @inline(__always)
    private func values<let pixels: Int>(_ type: InlineArray<pixels, Vector16>.Type, _ pixel: Int, _ block: Int) {
        var sums = InlineArray<pixels, Vector16>(repeating: start(block: block))
        let x = x + pixel, weights = weights + block &* weightBlockStride
        for tap in 0..<tapCount {
            let from = x + taps[tap].input, to = Vector16(at: weights + taps[tap].weight)
            for p in 0..<pixels { sums[p].accumulate(to, Vector16(broadcast: from, p)) }
        }
        store(sums, at: y + (pixel &* outputPixel) + block &* outputBlockStride)
    }

    /// Sixteen neighbouring pixels of one output block, for taps in threes: a scalar that was broadcast then serves three
    /// multiply-adds, where one each would keep the load ports busier than the multipliers.
    ///
    ///     x   q0  q1  q2  q3 …  q17        18 broadcasts + 3 weights for 48 multiply-adds
    ///          │╲  │╲  │╲                  16 accumulators + 3 weights + 3 scalars = 22 registers
    ///     y   p0  p1  p2  …  p15
    @inline(__always)
    private func triples(_ pixel: Int) {
        // Fours, because a loop over sixteen isn't unrolled and then keeps the sums in memory.
        var a = InlineArray<4, Vector16>(repeating: start(block: 0)), b = a, c = a, d = a
        for tap in stride(from: 0, to: tapCount, by: 3) {
            let from = x + (pixel &+ taps[tap].input), weight = weights + taps[tap].weight
            addTriple(to: &a, from, weight)
            addTriple(to: &b, from + 4, weight)
            addTriple(to: &c, from + 8, weight)
            addTriple(to: &d, from + 12, weight)
        }
        let to = y + (pixel &* outputPixel)
        store(a, at: to)
        store(b, at: to + (4 &* outputPixel))
        store(c, at: to + (8 &* outputPixel))
        store(d, at: to + (12 &* outputPixel))
    }

    @inline(__always)
    private func addTriple(
        to sums: inout InlineArray<4, Vector16>, _ x: UnsafePointer<Float>, _ weight: UnsafePointer<Float>
    ) {
        let left = Vector16(at: weight), middle = Vector16(at: weight, laneCount),
            right = Vector16(at: weight, 2 &* laneCount)
        for p in 0..<4 {
            sums[p].accumulate(left, Vector16(broadcast: x, p))
            sums[p].accumulate(middle, Vector16(broadcast: x, p &+ 1))
            sums[p].accumulate(right, Vector16(broadcast: x, p &+ 2))
        }
    }

    @inline(__always)
    private func start(block: Int) -> Vector16 {
        guard let bias else { return Vector16() }
        return Vector16(at: bias, block &* laneCount)
    }

    @inline(__always)
    private func store<let pixels: Int>(_ sums: InlineArray<pixels, Vector16>, at y: UnsafeMutablePointer<Float>) {
        let floor = Vector16(repeating: floor)
        for p in 0..<pixels { sums[p].raised(to: floor).store(to: y, p &* outputPixel) }
    }
}
