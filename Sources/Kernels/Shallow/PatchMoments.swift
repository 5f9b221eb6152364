import Tensors

/// The mean and covariance of all 3×3 patches of a batch of planar images, and the statistics of a convolution's output that
/// follow from them.
///
/// A patch X is what a convolution of stride 1 and padding 1 multiplies with its weights at one pixel: T = 9·C values,
/// ordered as the weights are, `[channel][tap]`. The convolution is linear, so that the moments of its output z are known
/// before a single product of it is computed:
///
///     z = w·X + b        mean(z) = w·E[X] + b        Cov(X, z) = Cov(X)·w        var(z) = w·Cov(X, z)
///
/// Apart from the border, the sum of products of the taps (i, j) of channel c and (i′, j′) of channel c′ depends only on
/// how far apart the taps are, d = i′ − i rows and s = j′ − j columns. So each row of the images is multiplied with itself
/// and with the two rows below it, moved by −2…2 columns (`PatchRows`); where a tap doesn't reach the first or the last row
/// or column, that one's share is taken off. It takes a quarter of the products of a convolution with sixteen outputs.
package final class PatchMoments: Sendable {
    private let layout: PlanarLayout
    private let products: PatchRows
    /// [band][entry][column]: sums of the present rows, in single precision over so few images that it is enough.
    private let rows: AlignedBuffer<Float>
    /// [band]: how many images of a row they are of.
    private let pending: AlignedBuffer<Int>
    private static let mostPending = 128
    /// [band][window of columns][entry]: sums over the rows and columns of a band. They are all that a band leaves for the
    /// thread that joins them, which may sit far from the band's in the machine.
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

    /// Values of a patch.
    package let taps: Int

    /// Whether images of this layout can be measured: their rows are long enough for a vector to stay in the image.
    package static func fits(_ layout: PlanarLayout) -> Bool {
        layout.extent.depth == 1 && layout.halo == Extent(0, 1, 1) && layout.extent.width >= laneCount / 2
            && layout.channels <= 4
    }

    /// - Parameter bands: parts into which the rows are divided, each measured by one thread at a time.
    package init(_ layout: PlanarLayout, bands: Int) {
        precondition(Self.fits(layout), "small images, or such without a halo of one pixel")
        self.layout = layout
        products = PatchRows(layout)
        taps = 9 * layout.channels
        rows = AlignedBuffer(count: bands * products.count)
        pending = AlignedBuffer(count: bands * laneCount)
        shareSize = (3 * products.entries.count + laneCount - 1) / laneCount * laneCount
        shares = AlignedBuffer(count: bands * shareSize)
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

    private var entries: PatchRows.Entries { products.entries }

    // MARK: Rows

    /// Before the first row of a band.
    package func begin(band: Int) {
        (shares.base + band * shareSize).update(repeating: 0, count: shareSize)
        (rows.base + band * products.count).update(repeating: 0, count: products.count)
        pending.base[band * laneCount] = 0
    }

    /// Measures one row of the first `count` images.
    package func measure(row: Int, band: Int, images: UnsafePointer<Float>, count: Int) {
        let sums = rows.base + band * products.count
        let isFirst = row == 0, isLast = row == layout.extent.height - 1
        if isFirst || isLast || pending.base[band * laneCount] + count > Self.mostPending { flush(band) }
        pending.base[band * laneCount] += count
        products.add(row: row, of: images, count: count, to: sums)
        if isFirst { products.sumColumns(sums, into: border.first.base, adding: false) }
        if isLast { products.sumColumns(sums, into: border.last.base, adding: false) }
        if isFirst || isLast { flush(band) }
    }

    /// After the last row of a band.
    package func end(band: Int) { flush(band) }

    /// Adds the present rows to those that are done.
    private func flush(_ band: Int) {
        guard pending.base[band * laneCount] > 0 else { return }
        pending.base[band * laneCount] = 0
        let sums = rows.base + band * products.count
        products.sumColumns(sums, into: shares.base + band * shareSize, adding: true)
        sums.update(repeating: 0, count: products.count)
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

    /// The statistics of a block of sixteen outputs of a convolution, for the normalization behind it.
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
            SIMD16<Double>(Vector16(at: weights, tap &* laneCount)).store(to: precise, tap &* laneCount)
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
            total += centered * SIMD16<Double>(Vector16(at: weights, place))
        }
        return total
    }
}
