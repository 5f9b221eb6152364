import Datasets
import Tensors
import Testing

@Suite struct BatchStreamTests {
    private func dataset(_ count: Int = 23) throws -> ImageDataset {
        let images = SyntheticImages(classes: 3, train: count, test: 3, size: 8)
        return try DataSplits.load(
            DatasetDescription(format: .synthetic, channels: 1, crop: 2, flip: true, synthetic: images)
        ).train
    }

    private func content(_ batch: Batch) -> [Float] {
        Array(batch.images.elements[..<(batch.count * batch.layout.imageStride)])
            + batch.labels.elements[..<batch.count].map(Float.init)
    }

    private let layout = PlanarLayout(channels: 1, extent: Extent(1, 8, 8), halo: Extent(0, 1, 1))

    @Test(arguments: [2, 3, 5])
    func theBatchesAreThoseThatOneThreadWouldMake(depth: Int) throws {
        let dataset = try dataset()
        let stream = BatchStream(dataset, layout: layout, batchSize: 4, seed: 6, shuffle: true, depth: depth)
        let filler = BatchFiller(dataset)
        let own = Batch(capacity: 4, layout: layout)
        for epoch in 0..<5 {
            let order = BatchSampler(count: dataset.count, batchSize: 4, seed: 6, epoch: epoch)
            for number in 0..<order.batchCount {
                let (batch, position) = stream.next()
                filler.fill(own, with: order.batch(number), augmentation: Augmentation(seed: 6, epoch: epoch))
                #expect(position.epoch == epoch && position.number == number)
                #expect(position.isLastOfEpoch == (number == 5))
                #expect(content(batch) == content(own))
            }
        }
    }

    @Test func aStreamThatStartsInTheMiddleGoesOnAsIfItHadNot() throws {
        let dataset = try dataset()
        let whole = BatchStream(dataset, layout: layout, batchSize: 4, seed: 6, shuffle: true)
        for _ in 0..<15 { _ = whole.next() }
        let resumed = BatchStream(dataset, layout: layout, batchSize: 4, seed: 6, shuffle: true, epoch: 2, number: 3)
        for _ in 0..<10 {
            let (a, b) = (whole.next(), resumed.next())
            #expect(a.position == b.position)
            #expect(content(a.batch) == content(b.batch))
        }
    }

    @Test func aStreamEndsCleanlyWhereverItIsLeft() throws {
        let dataset = try dataset(5)
        for taken in 0..<200 {
            let stream = BatchStream(
                dataset, layout: layout, batchSize: 2, seed: 1, shuffle: false, depth: 2 + taken % 3)
            for _ in 0..<taken % 7 { _ = stream.next() }
        }
        let stream = BatchStream(dataset, layout: layout, batchSize: 2, seed: 1, shuffle: false)
        #expect(stream.next().position.number == 0)
    }
}
