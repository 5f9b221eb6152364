import Datasets
import Foundation
import Tensors
import Testing

extension Batch {
    /// Room for images of a data set, with a halo that a convolution might ask for.
    convenience init(of dataset: ImageDataset, capacity: Int) {
        let size = dataset.dimensions
        let extent = Extent(1, size.height, size.width)
        self.init(
            capacity: capacity, layout: PlanarLayout(channels: size.channels, extent: extent, halo: Extent(0, 2, 1)))
    }

    /// C×H×W values.
    func image(_ index: Int) -> [Float] { (0..<layout.imageSize).map { self[index, $0] } }
}

@Suite struct BatchFillerTests {
    private func filled(_ description: DatasetDescription, _ indices: [Int32]) throws -> (batch: Batch, size: Int) {
        let train = try DataSplits.load(description).train
        let batch = Batch(of: train, capacity: 4)
        BatchFiller(train).fill(batch, with: indices[...])
        return (batch, train.dimensions.size)
    }

    /// 512 floats that PyTorch computed: the 256 bytes after ToTensor, then after Normalize(0.2860, 0.3530).
    private func golden() throws -> [Float] {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/pixels", withExtension: "bin"))
        let data = try Data(contentsOf: url)
        return stride(from: 0, to: data.count, by: 4).map { start in
            Float(bitPattern: data[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) })
        }
    }

    private func allBytes() throws -> DataFolderFixture {
        let folder = try DataFolderFixture.small()
        try folder.write(
            "train-images-idx3-ubyte", DataFolderFixture.idxImages(2, 16, 16, Array(0...255) + Array(0...255)))
        try folder.write(
            "t10k-images-idx3-ubyte", DataFolderFixture.idxImages(1, 16, 16, Array(repeating: 0, count: 256)))
        return folder
    }

    @Test func everyByteBecomesPyTorchsFloatToTheBit() throws {
        let folder = try allBytes()
        let (plain, _) = try filled(DatasetDescription(path: folder.path), [1])
        let (normalized, _) = try filled(DatasetDescription(path: folder.path, mean: [0.2860], std: [0.3530]), [1])
        let expected = try golden()
        #expect(plain.image(0) == Array(expected[..<256]))
        #expect(normalized.image(0) == Array(expected[256...]))
    }

    @Test func paddingSurroundsTheImageAndGreyIsRepeated() throws {
        let folder = try DataFolderFixture.small()
        let (batch, size) = try filled(DatasetDescription(path: folder.path, pad: 1, channels: 2), [1, 0])
        let plane: [Float] = [0, 0, 0, 0, 0, 0, 10, 11, 12, 0, 0, 13, 14, 15, 0, 0, 0, 0, 0, 0].map { $0 / 255 }
        #expect(size == 40)
        #expect(batch.image(0) == plane + plane)
        #expect(batch[1, 7] == Float(1) / 255)
        #expect(Array(batch.labels.elements[..<2]) == [2, 0])
        #expect(batch.count == 2)
    }

    @Test func whatIsAroundAnImageInMemoryStaysZero() throws {
        let folder = try DataFolderFixture.small()
        let description = DatasetDescription(path: folder.path, channels: 3, mean: [0.5], std: [0.25])
        let (batch, _) = try filled(description, [0, 1, 0])
        let inside = (0..<3).flatMap(batch.image)
        #expect(inside.allSatisfy { $0 != 0 })
        #expect(batch.images.elements.filter { $0 != 0 } == inside)
    }

    @Test func theBorderIsNormalizedAsBlackIs() throws {
        let folder = try DataFolderFixture.small()
        let (batch, _) = try filled(DatasetDescription(path: folder.path, pad: 1, mean: [0.5], std: [0.25]), [0])
        #expect(batch[0, 0] == -2)
    }

    @Test func eachChannelMayHaveItsOwnMeanAndDeviation() throws {
        let folder = try DataFolderFixture.small()
        let description = DatasetDescription(path: folder.path, channels: 3, mean: [0, 0.5, 0], std: [1, 0.5, 2])
        let (batch, _) = try filled(description, [1])
        let pixel = Float(15) / 255
        #expect([5, 11, 17].map { batch[0, $0] } == [pixel, (pixel - 0.5) / 0.5, pixel / 2])
    }

    @Test func aSmallerBatchAfterALargerOneCountsOnlyItsOwn() throws {
        let folder = try DataFolderFixture.small()
        let train = try DataSplits.load(DatasetDescription(path: folder.path)).train
        let batch = Batch(of: train, capacity: 2)
        let filler = BatchFiller(train)
        filler.fill(batch, with: [0, 1])
        filler.fill(batch, with: [1])
        #expect(batch.count == 1)
        #expect(batch[0, 0] == Float(10) / 255)
    }
}
