import Datasets
import Foundation
import Tensors
import Testing

@Suite struct IDXLoadingTests {
    @Test func bytesLabelsAndShapesComeOutAsTheyLieInTheFiles() throws {
        let folder = try DataFolderFixture.small()
        let splits = try DataSplits.load(DatasetDescription(path: folder.path))
        #expect(splits.train.count == 2)
        #expect(splits.train.dimensions == ImageShape(channels: 1, height: 2, width: 3))
        #expect(Array(splits.train.pixels.elements) == Array(0...5) + Array(10...15))
        #expect(splits.train.labels == [0, 2])
        #expect(splits.train.classNames == ["0", "1", "2"])
        #expect(Array(splits.test.pixels.elements) == Array(250...255))
    }

    @Test func gzippedFilesAreReadUnderEitherName() throws {
        let folder = try DataFolderFixture.small()
        let images = try folder.read("train-images-idx3-ubyte")
        try folder.remove("train-images-idx3-ubyte")
        try folder.writeGzipped("train-images-idx3-ubyte.gz", images)
        try folder.writeGzipped("t10k-images-idx3-ubyte", try folder.read("t10k-images-idx3-ubyte"))
        let splits = try DataSplits.load(DatasetDescription(path: folder.path + "/"))
        #expect(Array(splits.train.pixels.elements) == Array(0...5) + Array(10...15))
        #expect(Array(splits.test.pixels.elements) == Array(250...255))
    }

    @Test func gzipMembersThatFollowOneAnotherAreOneFile() throws {
        let folder = try DataFolderFixture.small()
        let images = try folder.read("train-images-idx3-ubyte")
        try folder.writeGzipped("a", Array(images[..<18]))
        try folder.writeGzipped("b", Array(images[18...]))
        try folder.write("train-images-idx3-ubyte", try folder.read("a") + folder.read("b"))
        let splits = try DataSplits.load(DatasetDescription(path: folder.path))
        #expect(Array(splits.train.pixels.elements) == Array(0...5) + Array(10...15))
    }

    @Test func classNamesComeFromTheFolder() throws {
        let folder = try DataFolderFixture.small()
        try folder.write("classes.txt", Array("shirt\nbag\n".utf8))
        let splits = try DataSplits.load(DatasetDescription(path: folder.path))
        #expect(splits.test.classNames == ["shirt", "bag", "2"])
        #expect(splits.test.classes == 3)
    }

    @Test func theSampleDataIsBalancedAndComplete() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("sample-data/fashion-mnist").path
        let splits = try DataSplits.load(DatasetDescription(path: path, pad: 2, channels: 3))
        #expect(splits.train.dimensions.description == "3×32×32")
        for (half, each) in [(splits.train, 600), (splits.test, 100)] {
            let counts = Dictionary(grouping: half.labels, by: { $0 }).mapValues(\.count)
            #expect(counts == Dictionary(uniqueKeysWithValues: (0..<10).map { (UInt8($0), each) }))
        }
        #expect(splits.train.classNames[9] == "Ankle boot")
    }
}
