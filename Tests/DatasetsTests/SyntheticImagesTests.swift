import Datasets
import Testing

@Suite struct SyntheticImagesTests {
    private func made(_ images: SyntheticImages, channels: Int? = nil) throws -> DataSplits {
        try DataSplits.load(DatasetDescription(format: .synthetic, channels: channels, synthetic: images))
    }

    /// FNV-1a of all pixels.
    private func hash(_ dataset: ImageDataset) -> UInt64 {
        dataset.pixels.elements.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    @Test func shapesCountsAndClassesAreThoseAskedFor() throws {
        let splits = try made(SyntheticImages(classes: 4, train: 10, test: 6, size: 8), channels: 2)
        #expect(splits.train.dimensions.description == "2×8×8")
        #expect(splits.train.labels == [0, 1, 2, 3, 0, 1, 2, 3, 0, 1])
        #expect(splits.test.count == 6)
        #expect(splits.test.classes == 4)
    }

    /// Whoever compares two runs on made-up data must have had the same data.
    @Test func aSeedMakesTheSameImagesForever() throws {
        let images = SyntheticImages(classes: 3, train: 30, test: 9, size: 16, seed: 5)
        let splits = try made(images)
        #expect(hash(splits.train) == 575_606_347_087_024_270)
        #expect(hash(splits.train) == hash(try made(images).train))
        var other = images
        other.seed = 6
        #expect(hash(splits.train) != hash(try made(other).train))
        #expect(Array(splits.train.pixels.elements[..<768]) != Array(splits.test.pixels.elements[..<768]))
    }

    /// Nearest class mean is about the weakest classifier there is.
    @Test func aWeakClassifierLearnsThemButNotPerfectly() throws {
        let splits = try made(SyntheticImages(train: 1000, test: 500))
        let size = splits.train.dimensions.size
        var means = [[Float]](repeating: [Float](repeating: 0, count: size), count: 10)
        for index in 0..<1000 {
            for p in 0..<size { means[index % 10][p] += Float(splits.train.pixels[index * size + p]) / 100 }
        }
        let correct = (0..<500).count { index in
            let distances = means.map { mean in
                (0..<size).reduce(Float(0)) { sum, p in
                    let difference = Float(splits.test.pixels[index * size + p]) - mean[p]
                    return sum + difference * difference
                }
            }
            return distances.firstIndex(of: distances.min()!) == Int(splits.test.labels[index])
        }
        #expect((250..<500).contains(correct), "\(correct) of 500")
    }

    @Test(arguments: [
        (SyntheticImages(classes: 1), "data.classes is 1: expected 2 to 256"),
        (SyntheticImages(size: 3), "data.size is 3: expected 4 to 1024"),
        (SyntheticImages(train: 0, size: 1024), "data.train is 0: expected 1 to 1365 images of this size"),
        (
            SyntheticImages(train: 1, test: 9999, size: 1024),
            "data.test is 9999: expected 1 to 1365 images of this size"
        ),
    ])
    func sizesThatMakeNoSenseAreNamed(images: SyntheticImages, expected: String) {
        let error = #expect(throws: DatasetError.self) { try made(images) }
        #expect(error?.description == expected)
    }
}
