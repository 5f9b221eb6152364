import Datasets
import Foundation
import Testing

/// Every message is compared as the user sees it, with the folder's path as `DIR`.
@Suite struct DatasetErrorTests {
    private func message(_ folder: DataFolderFixture, _ change: (inout DatasetDescription) -> Void = { _ in }) -> String
    {
        var description = DatasetDescription(path: folder.path)
        change(&description)
        do {
            _ = try DataSplits.load(description)
            return "loaded"
        } catch {
            return error.description.replacingOccurrences(of: folder.path, with: "DIR")
        }
    }

    @Test func aMissingFolderSaysWhatToDo() throws {
        let folder = try DataFolderFixture()
        #expect(
            message(folder) { $0.path += "/none" }
                == "DIR/none: no such folder: set data.path in the experiment, or --data FOLDER")
    }

    @Test func theDebianFolderNamesItsPackage() {
        #expect(
            DatasetError.folderMissing(path: "/usr/share/datasets/fashion-mnist").description
                == "/usr/share/datasets/fashion-mnist: no such folder: apt install dataset-fashion-mnist")
    }

    @Test func aMissingFileSaysWhichNamesWereTried() throws {
        let folder = try DataFolderFixture.small()
        try folder.remove("t10k-images-idx3-ubyte")
        #expect(
            message(folder)
                == "DIR: holds no t10k-images-idx3-ubyte or t10k-images-idx3-ubyte.gz: set data.path in the experiment, "
                + "or --data FOLDER")
    }

    @Test func aFileInPlaceOfTheFolderIsNamed() throws {
        let folder = try DataFolderFixture.small()
        #expect(
            message(folder) { $0.path += "/t10k-images-idx3-ubyte" }
                == "DIR/t10k-images-idx3-ubyte: cannot be read: data.path names a file, not the folder that holds the data set"
        )
    }

    @Test func somethingElseThanIDXIsNamed() throws {
        let folder = try DataFolderFixture.small()
        try folder.write("train-images-idx3-ubyte", Array("<html>not found</html>".utf8))
        #expect(
            message(folder)
                == "DIR/train-images-idx3-ubyte: not an IDX file of images: expected magic number 2051, found 1013478509"
        )
    }

    @Test func labelsInPlaceOfImagesAreNamed() throws {
        let folder = try DataFolderFixture.small()
        try folder.write("train-images-idx3-ubyte", DataFolderFixture.idxLabels([0, 2]))
        #expect(
            message(folder)
                == "DIR/train-images-idx3-ubyte: not an IDX file of images: expected magic number 2051, found 2049")
    }

    @Test(arguments: [0, 3, 4, 15, 16, 27])
    func everyTruncationIsAnErrorWithBothSizes(length: Int) throws {
        let folder = try DataFolderFixture.small()
        try folder.write("train-images-idx3-ubyte", Array(try folder.read("train-images-idx3-ubyte")[..<length]))
        #expect(message(folder).hasPrefix("DIR/train-images-idx3-ubyte: truncated: expected "))
        if length >= 16 {
            #expect(
                message(folder)
                    == "DIR/train-images-idx3-ubyte: truncated: expected 28 bytes, found \(length): fetch the file again"
            )
        }
    }

    @Test func everyTruncationOfAGzippedFileIsAnError() throws {
        let folder = try DataFolderFixture.small()
        let images = try folder.read("train-images-idx3-ubyte")
        try folder.writeGzipped("whole", images)
        let whole = try folder.read("whole")
        for length in 2..<whole.count {
            try folder.write("train-images-idx3-ubyte", Array(whole[..<length]))
            #expect(
                message(folder).hasPrefix("DIR/train-images-idx3-ubyte: damaged gzip data after "), "\(length) bytes")
        }
    }

    @Test func everyDamagedByteOfAGzippedFileIsAnErrorOrHarmless() throws {
        let folder = try DataFolderFixture.small()
        let images = try folder.read("train-images-idx3-ubyte")
        try folder.writeGzipped("whole", images)
        let whole = try folder.read("whole")
        for position in 10..<whole.count {
            var damaged = whole
            damaged[position] ^= 0x10
            try folder.write("train-images-idx3-ubyte", damaged)
            #expect(message(folder) != "loaded", "byte \(position)")
        }
    }

    @Test func moreBytesThanAnnouncedAreAnError() throws {
        let folder = try DataFolderFixture.small()
        try folder.write("train-labels-idx1-ubyte", DataFolderFixture.idxLabels([0, 2]) + [1])
        #expect(
            message(folder)
                == "DIR/train-labels-idx1-ubyte: holds more than the 10 bytes that its header announces: fetch the file again"
        )
    }

    @Test func aLyingHeaderTakesNoMemory() throws {
        let folder = try DataFolderFixture.small()
        let lie = DataFolderFixture.idxImages(.max, .max, .max, [1, 2, 3])
        try folder.write("train-images-idx3-ubyte", lie)
        #expect(
            message(folder)
                == "DIR/train-images-idx3-ubyte: the header announces 4294967295×4294967295×4294967295 bytes, which cannot "
                + "be right (no file is that large): fetch the file again")
        try folder.writeGzipped("train-images-idx3-ubyte", DataFolderFixture.idxImages(60000, 4096, 4096, [1, 2, 3]))
        #expect(message(folder).contains("the header announces 60000×4096×4096 bytes, which cannot be right"))
    }

    @Test func aFileWithoutImagesIsAnError() throws {
        let folder = try DataFolderFixture.small()
        try folder.write("train-labels-idx1-ubyte", DataFolderFixture.idxLabels([]))
        #expect(message(folder) == "DIR/train-labels-idx1-ubyte: holds no images")
    }

    @Test func countsOfImagesAndLabelsMustAgree() throws {
        let folder = try DataFolderFixture.small()
        try folder.write("train-labels-idx1-ubyte", DataFolderFixture.idxLabels([0, 2, 1]))
        #expect(
            message(folder)
                == "DIR/train-images-idx3-ubyte holds 2 images but DIR/train-labels-idx1-ubyte holds 3 labels: they do not "
                + "belong together")
    }

    @Test func bothHalvesMustHaveImagesOfOneSize() throws {
        let folder = try DataFolderFixture.small()
        try folder.write("t10k-images-idx3-ubyte", DataFolderFixture.idxImages(1, 3, 2, [0, 0, 0, 0, 0, 0]))
        #expect(message(folder) == "training images are 1×2×3 but test images are 1×3×2: they do not belong together")
    }

    @Test func aTestLabelThatTrainingDoesNotKnowIsAnError() throws {
        let folder = try DataFolderFixture.small()
        try folder.write("t10k-labels-idx1-ubyte", DataFolderFixture.idxLabels([7]))
        #expect(
            message(folder)
                == "DIR/t10k-labels-idx1-ubyte: label 7 of image 0 is not one of the 3 classes (0 to 2)")
    }

    @Test func aNamedPipeInPlaceOfAFileDoesNotStopTheProgram() throws {
        let folder = try DataFolderFixture.small()
        try folder.remove("train-labels-idx1-ubyte")
        #expect(mkfifo("\(folder.path)/train-labels-idx1-ubyte", 0o600) == 0)
        #expect(message(folder) == "DIR/train-labels-idx1-ubyte: cannot be read: it is not a file")
    }

    @Test func optionsThatDoNotFitAreNamed() throws {
        let folder = try DataFolderFixture.small()
        #expect(
            message(folder) { $0.pad = -1 }
                == "data.pad is -1: expected 0 or more, and images of at most 4096 pixels a side")
        #expect(message(folder) { $0.channels = 0 } == "data.channels is 0: expected 1 to 64")
        #expect(
            message(folder) {
                $0.channels = 3
                $0.mean = [0.1, 0.2]
            } == "data.normalize.mean is 2 values: expected one a channel, so 3")
        #expect(
            message(folder) { $0.std = [0] }
                == "data.normalize is mean [0.0], std [0.0]: expected finite means and deviations over 0")
    }
}
