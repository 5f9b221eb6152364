/// Mean and covariance of all 3×3 patches of a batch of planar images, and what follows from them for a convolution.
///
/// A patch X is what a convolution of stride 1 and padding 1 multiplies with its weights at one pixel: T = 9·C values,
/// ordered as the weights are, `[channel][tap]`. The convolution is linear, so that the moments of its output z are known
/// before a single product of it is computed:
///
///     z = w·X + b        mean(z) = w·E[X] + b        Cov(X, z) = Cov(X)·w        var(z) = w·Cov(X, z)
///
/// Apart from the border, the sum of products of the taps (i, j) of channel c and (i′, j′) of channel c′ depends only on
/// how far apart the taps are. So each row of the images is multiplied with itself and with the two rows below it, moved
/// by −2…2 columns; where a tap doesn't reach the first or the last row or column, that one's share is taken off:
///
///     row a     of channel c       x[0]  x[1]  …  x[W−1]
///     row a+d   of channel c′      y[s]  y[1+s] … y[W−1+s]         d = i′ − i,  s = j′ − j
///
/// Blocking: for sixteen columns of one row, 3 channels c × 5 shifts s are 15 accumulators that run over the images, with
/// 3 + 1 vectors loaded: 19 of AVX-512's 32 registers; of AVX2's sixteen, 1 channel × 5 shifts take 10 + 2 for x. It takes
/// a quarter of the products of a convolution with sixteen outputs. Lanes are columns all the way to the end, so that the
/// first and the last column can be told from the others.
package final class PatchMoments: Sendable {
    private let layout: PlanarLayout
    private let entries: Entries
    /// Vectors that cover a row, and which lanes of the last one are in it.
    private let vectors: Int
    private let lastLane: Int
    private let lanesInside: SIMDMask<SIMD16<Int64>>
    /// [lane][entry][column]: sums over the rows of a lane that are done.
    private let columns: AlignedBuffer<Double>
    /// [lane][entry][column]: sums of the present rows, in single precision over so few images that it is enough.
    private let rows: AlignedBuffer<Float>
    /// [lane]: how many images of a row they are of.
    private let pending: AlignedBuffer<Int>
    private static let mostPending = 128
    /// [lane][window of columns][entry]: sums over the rows and columns of a lane. They are all that a lane leaves for the
    /// thread that joins them, which may sit far from the lane's in the machine.
    private let shares: AlignedBuffer<Double>
    /// [window of columns][entry]: those of the images' first and last row.
    private let border: (first: AlignedBuffer<Double>, last: AlignedBuffer<Double>)
    /// [window of rows][window of columns][entry]: sums over all rows that a tap reaches.
    private let joined: AlignedBuffer<Double>
    /// Where in `joined` the sum of two taps' products is, `[T][T]` of which the second is not before the first, and that
    /// of a tap's values.
    private let productPlaces: AlignedBuffer<Int>
    private let valuePlaces: AlignedBuffer<Int>
    /// E[X], `[T]`, and Cov(X), `[T][T]`.
    private let mean: AlignedBuffer<Double>
    private let covariance: AlignedBuffer<Double>
    /// The weights of one block, `[T][16]`.
    private let precise: AlignedBuffer<Double>
    private let shareSize: Int
    private let zeros = AlignedBuffer<Float>(count: laneCount)

    /// Values of a patch.
    package let taps: Int

    /// Images that stay in the first-level cache while all products of their rows are taken.
    private static let imagesAtOnce = 16

    /// Whether images of this layout can be measured: their rows are long enough for a vector to stay in the image.
    package static func fits(_ layout: PlanarLayout) -> Bool {
        layout.extent.depth == 1 && layout.halo == Extent(0, 1, 1) && layout.extent.width >= laneCount / 2
            && layout.channels <= 4
    }

    /// - Parameter lanes: parts into which the rows are divided, each measured by one thread at a time.
    package init(_ layout: PlanarLayout, lanes: Int) {
        precondition(Self.fits(layout), "small images, or such without a halo of one pixel")
        self.layout = layout
        entries = Entries(channels: layout.channels)
        vectors = (layout.extent.width + laneCount - 1) / laneCount
        lastLane = (layout.extent.width - 1) % laneCount
        lanesInside =
            SIMD16<Int64>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) .<= SIMD16(repeating: Int64(lastLane))
        taps = 9 * layout.channels
        let size = entries.count * vectors * laneCount
        columns = AlignedBuffer(count: lanes * size)
        rows = AlignedBuffer(count: lanes * size)
        pending = AlignedBuffer(count: lanes * laneCount)
        shareSize = (3 * entries.count + laneCount - 1) / laneCount * laneCount
        shares = AlignedBuffer(count: lanes * shareSize)
        border = (AlignedBuffer(count: shareSize), AlignedBuffer(count: shareSize))
        joined = AlignedBuffer(count: 3 * shareSize)
        productPlaces = AlignedBuffer(count: taps * taps)
        valuePlaces = AlignedBuffer(count: taps)
        mean = AlignedBuffer(count: taps)
        covariance = AlignedBuffer(count: taps * taps)
        precise = AlignedBuffer(count: taps * laneCount)
        for first in 0..<taps {
            valuePlaces[first] = place(Tap(first), entries.value(channel: Tap(first).channel))
            for second in first..<taps { productPlaces[first * taps + second] = place(Tap(first), Tap(second)) }
        }
    }

    /// What is summed over the images and rows: products of two rows, and the values of one.
    private struct Entries {
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
    private var laneSize: Int { entries.count &* entrySize }

    // MARK: Rows

    /// Before the first row of a lane.
    package func begin(lane: Int) {
        (columns.base + lane * laneSize).update(repeating: 0, count: laneSize)
        (rows.base + lane * laneSize).update(repeating: 0, count: laneSize)
        pending.base[lane * laneCount] = 0
    }

    /// Measures one row of the first `count` images.
    package func measure(row: Int, lane: Int, images: UnsafePointer<Float>, count: Int) {
        let sums = rows.base + lane * laneSize
        let isFirst = row == 0, isLast = row == layout.extent.height - 1
        if isFirst || isLast || pending.base[lane * laneCount] + count > Self.mostPending { flush(lane) }
        pending.base[lane * laneCount] += count
        for start in stride(from: 0, to: count, by: Self.imagesAtOnce) {
            let images = Images(
                base: images + start * layout.imageStride, count: min(Self.imagesAtOnce, count - start), row: row)
            for below in 0..<min(3, layout.extent.height - row) {
                for other in 0..<layout.channels { addProducts(images, below, other, to: sums) }
            }
            for channel in 0..<layout.channels { addValues(images, channel, to: sums) }
        }
        if isFirst { addColumns(to: border.first.base) { SIMD16(Lanes(at: sums, $0)) } }
        if isLast { addColumns(to: border.last.base) { SIMD16(Lanes(at: sums, $0)) } }
        if isFirst || isLast { flush(lane) }
    }

    /// After the last row of a lane.
    package func end(lane: Int) {
        flush(lane)
        let total = columns.base + lane * laneSize
        addColumns(to: shares.base + lane * shareSize) { SIMD16(at: total, $0) }
    }

    /// Adds the present rows to those that are done.
    private func flush(_ lane: Int) {
        guard pending.base[lane * laneCount] > 0 else { return }
        pending.base[lane * laneCount] = 0
        let sums = rows.base + lane * laneSize, total = columns.base + lane * laneSize
        for index in stride(from: 0, to: laneSize, by: laneCount) {
            (SIMD16(at: total, index) + SIMD16<Double>(Lanes(at: sums, index))).store(to: total, index)
        }
        sums.update(repeating: 0, count: laneSize)
    }

    /// For each entry the sums over the columns that the left, the middle and the right column of taps reach.
    @inline(__always)
    private func addColumns(to target: UnsafeMutablePointer<Double>, _ load: (_ place: Int) -> SIMD16<Double>) {
        for entry in 0..<entries.count {
            // Moved by two columns, the first or the last column meets what lies beyond the halo.
            let shift = entry < entries.products ? entry % 5 : 2
            let start = entry &* entrySize, end = start &+ entrySize &- laneCount
            var last = load(end)
            last.replace(with: SIMD16(), where: .!lanesInside)
            if shift == 4 { last[lastLane] = 0 }
            var sum = SIMD16<Double>(), first = 0.0
            for place in stride(from: start, through: end, by: laneCount) {
                var values = place == end ? last : load(place)
                if place == start {
                    if shift == 0 { values[0] = 0 }
                    first = values[0]
                }
                sum += values
            }
            let all = sum.sum()
            target[entry] = all - last[lastLane]
            target[entries.count &+ entry] = all
            target[2 &* entries.count &+ entry] = all - first
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
        for channel in stride(from: 0, to: channels, by: InstructionSet.hasWideRegisters ? 3 : 1) {
            let y = images.base + layout.row(channel: other, 0, images.row + below)
            let target = sums + entries.product(below: below, channel: channel, other: other, shift: 0) * entrySize
            switch InstructionSet.hasWideRegisters ? channels - channel : 1 {
            case 1: addProducts(InlineArray<1, InlineArray<5, Lanes>>.self, images, channel, y, target)
            case 2: addProducts(InlineArray<2, InlineArray<5, Lanes>>.self, images, channel, y, target)
            default: addProducts(InlineArray<3, InlineArray<5, Lanes>>.self, images, channel, y, target)
            }
        }
    }

    @inline(__always)
    private func addProducts<let channels: Int>(
        _ type: InlineArray<channels, InlineArray<5, Lanes>>.Type, _ images: Images, _ channel: Int,
        _ row: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>
    ) {
        for vector in 0..<vectors {
            let place = target + vector &* laneCount
            var sums = InlineArray<channels, InlineArray<5, Lanes>>(repeating: .init(repeating: Lanes()))
            for index in 0..<channels {
                for shift in 0..<5 { sums[index][shift] = Lanes(at: place, (index &* 5 &+ shift) &* entrySize) }
            }
            var x = images.base + layout.row(channel: channel, 0, images.row) + vector &* laneCount
            var columns = Columns(row, vector, of: vectors, beyond: zeros.base, step: layout.imageStride)
            for _ in 0..<images.count {
                var values = InlineArray<channels, Lanes>(repeating: Lanes())
                for index in 0..<channels { values[index] = Lanes(unalignedAt: x, index &* layout.channelStride) }
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
        var moved: InlineArray<5, Lanes> {
            guard InstructionSet.hasWideRegisters else {
                var loaded = InlineArray<5, Lanes>(repeating: Lanes())
                for shift in 0..<5 { loaded[shift] = Lanes(unalignedAt: here, shift &- 2) }
                return loaded
            }
            let before = Lanes(unalignedAt: before), here = Lanes(unalignedAt: here)
            let behind = Lanes(unalignedAt: behind)
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
            var sum = Lanes(at: target, vector)
            for image in 0..<images.count {
                sum += Lanes(unalignedAt: start, (image &* layout.imageStride) &+ vector)
            }
            sum.store(to: target, vector)
        }
    }

    // MARK: All rows

    /// Joins the rows of `count` images to E[X] and Cov(X).
    package func join(count: Int) {
        for place in stride(from: 0, to: shareSize, by: laneCount) {
            var sum = SIMD16<Double>()
            for share in stride(from: place, to: shares.count, by: shareSize) { sum += SIMD16(at: shares.base, share) }
            (sum - SIMD16(at: border.last.base, place)).store(to: joined.base, place)
            sum.store(to: joined.base, shareSize &+ place)
            (sum - SIMD16(at: border.first.base, place)).store(to: joined.base, 2 &* shareSize &+ place)
        }
        let share = 1 / Double(count * layout.extent.volume)
        let mean = mean.base, covariance = covariance.base, joined = joined.base
        for tap in 0..<taps { mean[tap] = joined[valuePlaces.base[tap]] * share }
        for first in 0..<taps {
            for second in first..<taps {
                let sum = joined[productPlaces.base[first &* taps &+ second]]
                let product = sum * share - mean[first] * mean[second]
                covariance[first &* taps &+ second] = product
                covariance[second &* taps &+ first] = product
            }
        }
    }

    private struct Tap {
        let channel: Int
        let row: Int
        let column: Int

        init(_ index: Int) {
            (channel, row, column) = (index / 9, index % 9 / 3, index % 3)
        }
    }

    private func place(_ first: Tap, _ second: Tap) -> Int {
        guard (first.row, first.channel) <= (second.row, second.channel) else { return place(second, first) }
        return place(
            first,
            entries.product(
                below: second.row - first.row, channel: first.channel, other: second.channel,
                shift: second.column - first.column + 2))
    }

    /// The sum of an entry over the rows and columns that a tap reaches: all but the last, all, or all but the first.
    private func place(_ tap: Tap, _ entry: Int) -> Int { tap.row * shareSize + tap.column * entries.count + entry }

    // MARK: Convolutions

    /// A block of sixteen outputs of a convolution: what its normalization needs to know of it.
    package struct Output {
        /// Without the bias; the variance is the biased one.
        package let mean: SIMD16<Double>
        package let variance: SIMD16<Double>
    }

    /// The moments of the outputs of `weights` (`[T][16]`); Cov(X, z) goes to `covariance` (`[T][16]`).
    package func output(
        _ weights: UnsafePointer<Float>, covariance target: UnsafeMutablePointer<Double>
    ) -> Output {
        let precise = precise.base
        for tap in 0..<taps {
            SIMD16<Double>(Lanes(at: weights, tap &* laneCount)).store(to: precise, tap &* laneCount)
        }
        var center = SIMD16<Double>(), spread = SIMD16<Double>()
        for tap in 0..<taps {
            let row = covariance.base + tap &* taps
            var sum = SIMD16<Double>()
            for other in 0..<taps { sum.accumulate(row[other], SIMD16(at: precise, other &* laneCount)) }
            let weight = SIMD16<Double>(at: precise, tap &* laneCount)
            center += mean.base[tap] * weight
            spread += weight * sum
            sum.store(to: target, tap &* laneCount)
        }
        return Output(mean: center, variance: spread.replacing(with: SIMD16(), where: spread .< SIMD16()))
    }

    /// Takes E[X]·Σg off Σ X·g (`products`, `[T][16]`), for a gradient g of the sixteen outputs, and gives Σ g·(z − mean).
    package func center(
        _ products: UnsafeMutablePointer<Double>, sum: SIMD16<Double>, weights: UnsafePointer<Float>
    ) -> SIMD16<Double> {
        var total = SIMD16<Double>()
        for tap in 0..<taps {
            let place = tap &* laneCount
            let centered = SIMD16<Double>(at: products, place) - mean[tap] * sum
            centered.store(to: products, place)
            total += centered * SIMD16<Double>(Lanes(at: weights, place))
        }
        return total
    }
}

/// Sixteen lanes out of these and the next ones, as one shuffle.
extension Lanes {
    @inline(__always)
    fileprivate func lastOne(and next: Lanes) -> Lanes {
        Lanes(
            self[15], next[0], next[1], next[2], next[3], next[4], next[5], next[6], next[7], next[8], next[9],
            next[10], next[11], next[12], next[13], next[14])
    }

    @inline(__always)
    fileprivate func lastTwo(and next: Lanes) -> Lanes {
        Lanes(
            self[14], self[15], next[0], next[1], next[2], next[3], next[4], next[5], next[6], next[7], next[8],
            next[9], next[10], next[11], next[12], next[13])
    }

    @inline(__always)
    fileprivate func allButOne(and next: Lanes) -> Lanes {
        Lanes(
            self[1], self[2], self[3], self[4], self[5], self[6], self[7], self[8], self[9], self[10], self[11],
            self[12], self[13], self[14], self[15], next[0])
    }

    @inline(__always)
    fileprivate func allButTwo(and next: Lanes) -> Lanes {
        Lanes(
            self[2], self[3], self[4], self[5], self[6], self[7], self[8], self[9], self[10], self[11], self[12],
            self[13], self[14], self[15], next[0], next[1])
    }
}
