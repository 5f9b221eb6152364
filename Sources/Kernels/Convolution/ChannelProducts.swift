import Tensors

/// The products of sixteen input channels with one or two blocks of sixteen output channels, summed over pixels: the sums that
/// make up the gradient of a convolution's weights, for one tap of a kernel or one frequency of a fast convolution.
///
/// Blocking: 8 input channels × 2 output blocks stay in registers while all pixels of an image go by.
///
///                 dy of one pixel
///                  a     b            two Vector16
///        x0  ──► [  ]  [  ]
///        x1  ──► [  ]  [  ]           16 accumulators; the scalars x0…x7 stand side by side
///         ⋮       ⋮     ⋮             and are broadcast inside the multiply-add
///        x7  ──► [  ]  [  ]           16 + 2 = 18 registers of AVX-512's 32
///
/// A single block takes all 16 input channels at once. With AVX2's sixteen registers, of which a `Vector16` takes two, it is
/// 6, 6 and 4 input channels × 1 block: 12 accumulators + 2 for dy + 1 scalar = 15 registers.
struct ChannelProducts {
    let x: UnsafePointer<Float>
    let dy: UnsafePointer<Float>
    /// The pixels: `input` is how to walk x, `output` how to walk dy, whose pixels are one block apart.
    let pixels: Sweep
    let dyBlockStride: Int
    /// `[16 in][16 out]`, and the floats from there to the second block's.
    let gradient: UnsafeMutablePointer<Float>
    let gradientBlockStride: Int
    /// Whether the sums are added to what is there, or take its place.
    let adding: Bool

    /// A constant stride lets the compiler put it into the addresses.
    func run(paired: Bool) {
        if pixels.input.pixel == laneCount {
            run(paired: paired, stride: laneCount)
        } else {
            run(paired: paired, stride: pixels.input.pixel)
        }
    }

    @inline(__always)
    private func run(paired: Bool, stride: Int) {
        switch (InstructionSet.hasWideRegisters, paired) {
        case (true, true):
            for half in 0..<2 { pair(of: half * 8, stride: stride) }
        case (true, false):
            single(InlineArray<16, Vector16>.self, from: 0, block: 0, stride: stride)
        case (false, _):
            for block in 0..<(paired ? 2 : 1) {
                single(InlineArray<6, Vector16>.self, from: 0, block: block, stride: stride)
                single(InlineArray<6, Vector16>.self, from: 6, block: block, stride: stride)
                single(InlineArray<4, Vector16>.self, from: 12, block: block, stride: stride)
            }
        }
    }

    /// 8 input channels × 2 output blocks.
    @inline(__always)
    private func pair(of first: Int, stride: Int) {
        var a = InlineArray<8, Vector16>(repeating: Vector16()), b = a
        pixels.forEachRow { input, output in
            var from = x + (input &+ first), to = dy + output
            for _ in 0..<pixels.extent.width {
                let dyA = Vector16(at: to), dyB = Vector16(at: to + dyBlockStride)
                for channel in 0..<8 {
                    let value = Vector16(broadcast: from, channel)
                    a[channel].accumulate(dyA, value)
                    b[channel].accumulate(dyB, value)
                }
                from += stride
                to += laneCount
            }
        }
        store(a, at: gradient + first * laneCount)
        store(b, at: gradient + gradientBlockStride + first * laneCount)
    }

    /// Some input channels × 1 output block.
    @inline(__always)
    private func single<let channels: Int>(
        _ type: InlineArray<channels, Vector16>.Type, from first: Int, block: Int, stride: Int
    ) {
        var sums = InlineArray<channels, Vector16>(repeating: Vector16())
        pixels.forEachRow { input, output in
            var from = x + (input &+ first), to = dy + (output &+ block &* dyBlockStride)
            for _ in 0..<pixels.extent.width {
                let dy = Vector16(at: to)
                for channel in 0..<channels { sums[channel].accumulate(dy, Vector16(broadcast: from, channel)) }
                from += stride
                to += laneCount
            }
        }
        store(sums, at: gradient + block * gradientBlockStride + first * laneCount)
    }

    @inline(__always)
    private func store<let count: Int>(_ sums: InlineArray<count, Vector16>, at target: UnsafeMutablePointer<Float>) {
        for index in 0..<count {
            let sum = adding ? Vector16(at: target, index &* laneCount) + sums[index] : sums[index]
            sum.store(to: target, index &* laneCount)
        }
    }
}
