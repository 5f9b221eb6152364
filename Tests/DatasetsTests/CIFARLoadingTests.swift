import Datasets
import Foundation
import Testing

@Suite struct CIFARLoadingTests {
    /// A record whose pixel at position p is (first + p) mod 256.
    private func record(_ labels: [UInt8], first: Int) -> [UInt8] {
        labels + (0..<3072).map { UInt8(truncatingIfNeeded: first + $0) }
    }

    private func ten() throws -> DataFolderFixture {
        let folder = try DataFolderFixture()
        for file in 1...5 {
            try folder.write("data_batch_\(file).bin", record([UInt8(file)], first: file))
        }
        try folder.write("test_batch.bin", record([9], first: 90) + record([0], first: 91))
        return folder
    }

    private func message(_ folder: DataFolderFixture, _ format: DatasetDescription.Format) -> String {
        do {
            _ = try DataSplits.load(DatasetDescription(format: format, path: folder.path))
            return "loaded"
        } catch {
            return error.description.replacingOccurrences(of: folder.path, with: "DIR")
        }
    }

    @Test func tensFilesFollowOneAnother() throws {
        let folder = try ten()
        try folder.write("batches.meta.txt", Array("airplane\nautomobile\n\n".utf8))
        let splits = try DataSplits.load(DatasetDescription(format: .cifar10, path: folder.path))
        #expect(splits.train.labels == [1, 2, 3, 4, 5])
        #expect(splits.test.labels == [9, 0])
        #expect(splits.train.dimensions.description == "3×32×32")
        #expect(splits.train.pixels[2 * 3072 + 1500] == UInt8(truncatingIfNeeded: 3 + 1500))
        #expect(splits.train.classNames.prefix(3) == ["airplane", "automobile", "2"])
        #expect(splits.train.classes == 10)
    }

    @Test func hundredTakesTheFineLabel() throws {
        let folder = try DataFolderFixture()
        try folder.write("train.bin", record([3, 99], first: 0) + record([4, 12], first: 1))
        try folder.writeGzipped("test.bin.gz", record([0, 7], first: 2))
        let splits = try DataSplits.load(DatasetDescription(format: .cifar100, path: folder.path))
        #expect(splits.train.labels == [99, 12])
        #expect(splits.test.labels == [7])
        #expect(splits.test.pixels[0] == 2)
        #expect(splits.train.classes == 100)
    }

    @Test func theFolderAroundTheUnpackedOneWillDo() throws {
        let inner = try ten()
        let outer = try DataFolderFixture()
        try FileManager.default.createSymbolicLink(
            atPath: "\(outer.path)/cifar-10-batches-bin", withDestinationPath: inner.path)
        #expect(message(outer, .cifar10) == "loaded")
    }

    @Test func damageIsNamedWithItsFile() throws {
        let folder = try ten()
        try folder.write("data_batch_3.bin", Array(record([1], first: 0).dropLast()))
        #expect(
            message(folder, .cifar10)
                == "DIR/data_batch_3.bin: truncated: expected 3073 bytes, found 3072: fetch the file again")
        try folder.write("data_batch_3.bin", record([1], first: 0) + record([10], first: 0))
        #expect(
            message(folder, .cifar10)
                == "DIR/data_batch_3.bin: label 10 of image 1 is not one of the 10 classes (0 to 9)")
        try folder.write("data_batch_3.bin", [])
        #expect(message(folder, .cifar10) == "DIR/data_batch_3.bin: holds no images")
        try folder.remove("data_batch_3.bin")
        #expect(message(folder, .cifar10).hasPrefix("DIR: holds no data_batch_3.bin or data_batch_3.bin.gz: "))
    }

    @Test func aGzippedFileThatUnfoldsWithoutEndIsRefused() throws {
        let folder = try DataFolderFixture()
        try folder.writeGzipped("train.bin", Array(repeating: 0, count: 3074 * 100_001))
        #expect(
            message(folder, .cifar100)
                == "DIR/train.bin: the header announces more than 100000 images, which cannot be right (the data set has "
                + "60,000 in all): fetch the file again")
    }
}
