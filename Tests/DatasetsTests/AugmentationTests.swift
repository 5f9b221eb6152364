import Datasets
import Tensors
import Testing

@Suite struct AugmentationTests {
    /// One image, 1×4×5, with the bytes 1…20; what fills come out as bytes again.
    private func dataset(crop: Int, flip: Bool) throws -> ImageDataset {
        let folder = try DataFolderFixture.small()
        let image = (1...20).map { UInt8($0) }
        try folder.write("train-images-idx3-ubyte", DataFolderFixture.idxImages(2, 4, 5, image + image))
        try folder.write("t10k-images-idx3-ubyte", DataFolderFixture.idxImages(1, 4, 5, image))
        return try DataSplits.load(DatasetDescription(path: folder.path, crop: crop, flip: flip)).train
    }

    private func bytes(_ dataset: ImageDataset, _ index: Int32, _ augmentation: Augmentation?) -> [UInt8] {
        let batch = Batch(of: dataset, capacity: 1)
        BatchFiller(dataset).fill(batch, with: [index], augmentation: augmentation)
        return batch.image(0).map { UInt8(($0 * 255).rounded()) }
    }

    /// The image moved so that (0, 0) shows (down, right), then mirrored: the definition, pixel by pixel.
    private func expected(right: Int, down: Int, isFlipped: Bool) -> [UInt8] {
        (0..<20).map { position in
            let column = isFlipped ? 4 - position % 5 : position % 5
            let (y, x) = (position / 5 + down, column + right)
            return (0..<4).contains(y) && (0..<5).contains(x) ? UInt8(y * 5 + x + 1) : 0
        }
    }

    private func all(crop: Int, flips: [Bool]) -> Set<[UInt8]> {
        var images: Set<[UInt8]> = []
        for right in -crop...crop {
            for down in -crop...crop {
                for isFlipped in flips { images.insert(expected(right: right, down: down, isFlipped: isFlipped)) }
            }
        }
        return images
    }

    @Test(arguments: [(0, true), (1, false), (2, true), (4, false)])
    func everyPlaceAndBothDirectionsComeAndNothingElse(crop: Int, flip: Bool) throws {
        let dataset = try dataset(crop: crop, flip: flip)
        let seen = Set((0..<2000).map { bytes(dataset, 0, Augmentation(seed: 9, epoch: $0)) })
        #expect(seen == all(crop: crop, flips: flip ? [false, true] : [false]))
    }

    @Test func withoutAugmentationImagesComeAsTheyAre() throws {
        let dataset = try dataset(crop: 2, flip: true)
        #expect(bytes(dataset, 1, nil) == (1...20).map { UInt8($0) })
    }

    @Test func seedEpochAndImageAloneDecide() throws {
        let dataset = try dataset(crop: 2, flip: true)
        let augmentation = Augmentation(seed: 1, epoch: 3)
        let together = Batch(of: dataset, capacity: 2)
        BatchFiller(dataset).fill(together, with: [1, 0], augmentation: augmentation)
        let both = (together.image(0) + together.image(1)).map { UInt8(($0 * 255).rounded()) }
        #expect(both == bytes(dataset, 1, augmentation) + bytes(dataset, 0, augmentation))
        let epochs = Set((0..<50).map { bytes(dataset, 0, Augmentation(seed: 1, epoch: $0)) })
        let images = (0..<50).filter {
            let augmentation = Augmentation(seed: 1, epoch: $0)
            return bytes(dataset, 0, augmentation) != bytes(dataset, 1, augmentation)
        }
        #expect(epochs.count > 10)
        #expect(images.count > 30)
    }

    @Test func aCropLargerThanTheImageIsNamed() throws {
        let error = #expect(throws: DatasetError.self) { try dataset(crop: 5, flip: false) }
        #expect(error?.description == "data.crop is 5: expected 0 to 4 pixels")
    }
}
