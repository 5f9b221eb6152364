import Datasets
import Testing

@Suite struct BatchSamplerTests {
    private func all(_ order: BatchSampler) -> [Int32] {
        (0..<order.batchCount).flatMap { Array(order.batch($0)) }
    }

    @Test(arguments: [(1, 1), (5, 2), (64, 64), (65, 64), (1000, 7)])
    func everyImageComesOnceAndOnlyTheLastBatchIsSmaller(count: Int, batchSize: Int) {
        let order = BatchSampler(count: count, batchSize: batchSize, seed: 3)
        #expect(all(order).sorted() == (0..<Int32(count)).map { $0 })
        let sizes = (0..<order.batchCount).map { order.batch($0).count }
        #expect(sizes.dropLast().allSatisfy { $0 == batchSize })
        #expect(sizes.last == (count - 1) % batchSize + 1)
    }

    @Test func seedAndEpochAloneMakeTheOrder() {
        var resumed = BatchSampler(count: 100, batchSize: 10, seed: 7, epoch: 2)
        let direct = BatchSampler(count: 100, batchSize: 10, seed: 7, epoch: 5)
        resumed.start(epoch: 5)
        #expect(all(resumed) == all(direct))
    }

    @Test func otherSeedsAndEpochsGiveOtherOrders() {
        let orders = [(1, 0), (1, 1), (2, 0), (2, 1), (0, 0), (0, 1)].map { seed, epoch in
            all(BatchSampler(count: 50, batchSize: 50, seed: UInt64(seed), epoch: epoch))
        }
        #expect(Set(orders).count == orders.count)
    }

    @Test func withoutShufflingTheFilesOrderStays() {
        #expect(all(BatchSampler(count: 5, batchSize: 2, seed: 1, shuffle: false, epoch: 3)) == [0, 1, 2, 3, 4])
    }

    /// These orders are part of every recorded run: a change here makes old runs impossible to resume.
    @Test func theOrderOfASeedNeverChanges() {
        #expect(all(BatchSampler(count: 8, batchSize: 8, seed: 1, epoch: 1)) == [4, 5, 7, 1, 3, 2, 0, 6])
    }

    @Test func everyPlaceIsEquallyLikely() {
        var firsts = [Int](repeating: 0, count: 10)
        for seed in 0..<10000 {
            firsts[Int(BatchSampler(count: 10, batchSize: 10, seed: UInt64(seed)).batch(0).first!)] += 1
        }
        // 1,000 expected, standard deviation 30: five of them are seen once in a million, and the seeds are fixed.
        #expect(firsts.allSatisfy { (850...1150).contains($0) }, "\(firsts)")
    }
}
