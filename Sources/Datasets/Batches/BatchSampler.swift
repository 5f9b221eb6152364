import Tensors

/// A sampler that says in which order an epoch visits the images, and cuts that order into batches.
///
/// The order follows from (seed, epoch) alone, so a resumed run needs only these and the number of the next batch.
/// Every image comes once an epoch; the last batch may be smaller than the others. O(count) to start an epoch, O(1) for
/// a batch; nothing is allocated after the first.
package struct BatchSampler: Sendable {
    package let batchSize: Int
    package let seed: UInt64
    package let shuffle: Bool
    /// The epoch whose order this is.
    package private(set) var epoch: Int
    private var indices: [Int32]

    package init(count: Int, batchSize: Int, seed: UInt64, shuffle: Bool = true, epoch: Int = 0) {
        precondition(count > 0 && count <= Int(Int32.max), "\(count) images have no order")
        precondition(batchSize > 0, "a batch holds at least one image")
        self.batchSize = batchSize
        self.seed = seed
        self.shuffle = shuffle
        self.epoch = epoch
        indices = Array(repeating: 0, count: count)
        start(epoch: epoch)
    }

    package var batchCount: Int { (indices.count + batchSize - 1) / batchSize }

    /// Makes the order of another epoch: a Fisher–Yates shuffle from the end, starting from 0, 1, 2, ….
    package mutating func start(epoch: Int) {
        self.epoch = epoch
        for index in indices.indices {
            indices[index] = Int32(truncatingIfNeeded: index)
        }
        guard shuffle else { return }
        var random = SplitMix64(seed: seed, UInt64(bitPattern: Int64(epoch)))
        for last in stride(from: indices.count - 1, to: 0, by: -1) {
            indices.swapAt(last, Int(random.next(below: UInt32(last + 1))))
        }
    }

    /// The images of a batch, `0..<batchCount`.
    package func batch(_ number: Int) -> ArraySlice<Int32> {
        precondition((0..<batchCount).contains(number), "batch \(number) of \(batchCount)")
        let start = number * batchSize
        return indices[start..<min(start + batchSize, indices.count)]
    }
}
