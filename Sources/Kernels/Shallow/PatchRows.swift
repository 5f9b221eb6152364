import Tensors

/// Sums over images of the products of their rows, from which the moments of all 3×3 patches follow.
///
/// Each row is multiplied with itself and with the two rows below it, moved by s = −2…2 columns:
///
///     row a     of channel c       x[0]  x[1]  …  x[W−1]
///     row a+d   of channel c′      y[s]  y[1+s] … y[W−1+s]
///
/// Blocking: the sums of a few channels c × 5 shifts stay in registers while the images pass by. With AVX-512, three
/// channels of sixteen columns are 15 of 32 registers, with 3 + 1 vectors loaded. With AVX2's sixteen, two channels of
/// eight columns are ten, with 2 + 1: what is loaded once is multiplied twice, or loads would take longer than products.
/// A single channel takes sixteen columns. Vector16 are columns all the way to the end, so that the first and the last column
/// can be told from the others.
struct PatchRows: Sendable {
    let entries: Entries
    private let layout: PlanarLayout
    /// Vectors that cover a row, and which lanes of the last one are in it.
    private let vectors: Int
    private let lastLane: Int
    private let lanesInside: SIMDMask<SIMD16<Int64>>
    private let zeros = AlignedBuffer<Float>(count: laneCount)

    /// Images that stay in the first-level cache while all products of their rows are taken.
    private static let imagesAtOnce = 16

    init(_ layout: PlanarLayout) {
        self.layout = layout
        entries = Entries(channels: layout.channels)
        vectors = (layout.extent.width + laneCount - 1) / laneCount
        lastLane = (layout.extent.width - 1) % laneCount
        lanesInside =
            SIMD16<Int64>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) .<= SIMD16(repeating: Int64(lastLane))
    }

    /// The sums over images and rows: products of two rows, and the values of one.
    struct Entries {
        let channels: Int

        /// Of channel c of a row, with channel `other` of the row `below` it, moved by `shift` − 2 columns. In the same
        /// row, c ≤ `other`.
        @inline(__always)
        func product(below: Int, channel: Int, other: Int, shift: Int) -> Int {
            (((below &* channels &+ other) &* channels &+ channel) &* 5) &+ shift
        }

        @inline(__always)
        func value(channel: Int) -> Int { products &+ channel }

        var products: Int { 15 &* channels &* channels }

        var count: Int { value(channel: channels) }
    }

    private var entrySize: Int { vectors &* laneCount }
    /// Sums of a row: [entry][column].
    var count: Int { entries.count &* entrySize }

    /// Adds the products of one row of the first `count` images to `sums`.
    func add(row: Int, of images: UnsafePointer<Float>, count: Int, to sums: UnsafeMutablePointer<Float>) {
        for start in stride(from: 0, to: count, by: Self.imagesAtOnce) {
            let images = Images(
                base: images + start * layout.imageStride, count: min(Self.imagesAtOnce, count - start), row: row)
            for below in 0..<min(3, layout.extent.height - row) {
                for other in 0..<layout.channels { addProducts(images, below, other, to: sums) }
            }
            for channel in 0..<layout.channels { addValues(images, channel, to: sums) }
        }
    }

    /// For each entry the sums over the columns that the left, the middle and the right column of taps reach:
    /// [window of columns][entry].
    func sumColumns(_ sums: UnsafePointer<Float>, into target: UnsafeMutablePointer<Double>, adding: Bool) {
        for entry in 0..<entries.count {
            // Moved by two columns, the first or the last column meets what lies beyond the halo.
            let shift = entry < entries.products ? entry % 5 : 2
            let start = entry &* entrySize, end = start &+ entrySize &- laneCount
            var last = SIMD16<Double>(Vector16(at: sums, end))
            last.replace(with: SIMD16(), where: .!lanesInside)
            if shift == 4 { last[lastLane] = 0 }
            var sum = SIMD16<Double>(), first = 0.0
            for place in stride(from: start, through: end, by: laneCount) {
                var values = place == end ? last : SIMD16(Vector16(at: sums, place))
                if place == start {
                    if shift == 0 { values[0] = 0 }
                    first = values[0]
                }
                sum += values
            }
            let all = sum.sum()
            let windows: InlineArray<3, Double> = [all - last[lastLane], all, all - first]
            for window in 0..<3 {
                let place = window &* entries.count &+ entry
                target[place] = (adding ? target[place] : 0) + windows[window]
            }
        }
    }

    /// A row of a few images.
    private struct Images {
        let base: UnsafePointer<Float>
        let count: Int
        let row: Int
    }

    private func addProducts(_ images: Images, _ below: Int, _ other: Int, to sums: UnsafeMutablePointer<Float>) {
        let channels = below == 0 ? other + 1 : layout.channels
        for channel in stride(from: 0, to: channels, by: InstructionSet.hasWideRegisters ? 3 : 2) {
            let y = images.base + layout.row(channel: other, 0, images.row + below)
            let target = sums + entries.product(below: below, channel: channel, other: other, shift: 0) * entrySize
            switch (InstructionSet.hasWideRegisters, channels - channel) {
            case (_, 1): addProducts(InlineArray<1, InlineArray<5, Vector16>>.self, images, channel, y, target)
            case (false, _): addHalves(images, channel, y, target)
            case (true, 2): addProducts(InlineArray<2, InlineArray<5, Vector16>>.self, images, channel, y, target)
            default: addProducts(InlineArray<3, InlineArray<5, Vector16>>.self, images, channel, y, target)
            }
        }
    }

    /// The same with two channels, eight columns at a time.
    private func addHalves(
        _ images: Images, _ channel: Int, _ row: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>
    ) {
        for half in 0..<(2 &* vectors) {
            let place = target + half &* Vector8.scalarCount
            var first = InlineArray<5, Vector8>(repeating: Vector8()), second = first
            for shift in 0..<5 {
                first[shift] = Vector8(unalignedAt: place, shift &* entrySize)
                second[shift] = Vector8(unalignedAt: place, (5 &+ shift) &* entrySize)
            }
            var x = images.base + layout.row(channel: channel, 0, images.row) + half &* Vector8.scalarCount
            var y = row + half &* Vector8.scalarCount
            for _ in 0..<images.count {
                let one = Vector8(unalignedAt: x), next = Vector8(unalignedAt: x, layout.channelStride)
                for shift in 0..<5 {
                    let moved = Vector8(unalignedAt: y, shift &- 2)
                    first[shift].accumulate(one, moved)
                    second[shift].accumulate(next, moved)
                }
                x += layout.imageStride
                y += layout.imageStride
            }
            for shift in 0..<5 {
                first[shift].store(to: place, shift &* entrySize)
                second[shift].store(to: place, (5 &+ shift) &* entrySize)
            }
        }
    }

    @inline(__always)
    private func addProducts<let channels: Int>(
        _ type: InlineArray<channels, InlineArray<5, Vector16>>.Type, _ images: Images, _ channel: Int,
        _ row: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>
    ) {
        for vector in 0..<vectors {
            let place = target + vector &* laneCount
            var sums = InlineArray<channels, InlineArray<5, Vector16>>(repeating: .init(repeating: Vector16()))
            for index in 0..<channels {
                for shift in 0..<5 { sums[index][shift] = Vector16(at: place, (index &* 5 &+ shift) &* entrySize) }
            }
            var x = images.base + layout.row(channel: channel, 0, images.row) + vector &* laneCount
            var columns = Columns(row, vector, of: vectors, beyond: zeros.base, step: layout.imageStride)
            for _ in 0..<images.count {
                var values = InlineArray<channels, Vector16>(repeating: Vector16())
                for index in 0..<channels { values[index] = Vector16(unalignedAt: x, index &* layout.channelStride) }
                let moved = columns.moved
                for shift in 0..<5 {
                    for index in 0..<channels { sums[index][shift].accumulate(values[index], moved[shift]) }
                }
                x += layout.imageStride
                columns.advance()
            }
            for index in 0..<channels {
                for shift in 0..<5 { sums[index][shift].store(to: place, (index &* 5 &+ shift) &* entrySize) }
            }
        }
    }

    /// Sixteen columns of a row, with those before and behind them.
    ///
    /// In wide registers two columns to the left and to the right are shuffled together from whole vectors: five loads that
    /// each cross from one line of the cache into the next would take longer than the products. Of loads half as long
    /// only every other one does, and what would have to be shuffled lies in two registers.
    private struct Columns {
        private var before: UnsafePointer<Float>
        private var here: UnsafePointer<Float>
        private var behind: UnsafePointer<Float>
        private let step: Int
        private let stepBefore: Int
        private let stepBehind: Int

        @inline(__always)
        init(_ row: UnsafePointer<Float>, _ vector: Int, of count: Int, beyond zeros: UnsafePointer<Float>, step: Int) {
            here = row + vector &* laneCount
            before = vector == 0 ? zeros : here - laneCount
            behind = vector == count - 1 ? zeros : here + laneCount
            self.step = step
            stepBefore = vector == 0 ? 0 : step
            stepBehind = vector == count - 1 ? 0 : step
        }

        /// To the same columns of the next image.
        @inline(__always)
        mutating func advance() {
            before += stepBefore
            here += step
            behind += stepBehind
        }

        /// Moved by −2…2 columns.
        @inline(__always)
        var moved: InlineArray<5, Vector16> {
            guard InstructionSet.hasWideRegisters else {
                var loaded = InlineArray<5, Vector16>(repeating: Vector16())
                for shift in 0..<5 { loaded[shift] = Vector16(unalignedAt: here, shift &- 2) }
                return loaded
            }
            let before = Vector16(unalignedAt: before), here = Vector16(unalignedAt: here)
            let behind = Vector16(unalignedAt: behind)
            return [
                before.lastTwo(and: here), before.lastOne(and: here), here, here.allButOne(and: behind),
                here.allButTwo(and: behind),
            ]
        }
    }

    private func addValues(_ images: Images, _ channel: Int, to sums: UnsafeMutablePointer<Float>) {
        let start = images.base + layout.row(channel: channel, 0, images.row)
        let target = sums + entries.value(channel: channel) * entrySize
        for vector in stride(from: 0, to: entrySize, by: laneCount) {
            var sum = Vector16(at: target, vector)
            for image in 0..<images.count {
                sum += Vector16(unalignedAt: start, (image &* layout.imageStride) &+ vector)
            }
            sum.store(to: target, vector)
        }
    }
}

/// Sixteen lanes out of these and the next ones, as one shuffle.
extension Vector16 {
    @inline(__always)
    fileprivate func lastOne(and next: Vector16) -> Vector16 {
        Vector16(
            self[15], next[0], next[1], next[2], next[3], next[4], next[5], next[6], next[7], next[8], next[9],
            next[10], next[11], next[12], next[13], next[14])
    }

    @inline(__always)
    fileprivate func lastTwo(and next: Vector16) -> Vector16 {
        Vector16(
            self[14], self[15], next[0], next[1], next[2], next[3], next[4], next[5], next[6], next[7], next[8],
            next[9], next[10], next[11], next[12], next[13])
    }

    @inline(__always)
    fileprivate func allButOne(and next: Vector16) -> Vector16 {
        Vector16(
            self[1], self[2], self[3], self[4], self[5], self[6], self[7], self[8], self[9], self[10], self[11],
            self[12], self[13], self[14], self[15], next[0])
    }

    @inline(__always)
    fileprivate func allButTwo(and next: Vector16) -> Vector16 {
        Vector16(
            self[2], self[3], self[4], self[5], self[6], self[7], self[8], self[9], self[10], self[11], self[12],
            self[13], self[14], self[15], next[0], next[1])
    }
}
