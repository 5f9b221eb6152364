import Tensors
import Testing

@testable import Checkpoints

@Suite struct TensorExcerptTests {
    private func lines(_ tensor: DenseTensor) throws -> [String] {
        let folder = try TemporaryFolder()
        try CheckpointWriter.write(StateDictionary.value([NamedTensor("x", tensor)]), to: folder.path + "/a.pth")
        let file = try CheckpointFile(readingFrom: folder.path + "/a.pth")
        return try TensorExcerpt(of: file.tensors[0], in: file) { "\($0)" }.lines
    }

    @Test func aSmallTensorIsPrintedWhole() throws {
        let tensor = DenseTensor(shape: [2, 2, 2], (1...8).map(Float.init))
        #expect(
            try lines(tensor) == [
                "[[[1.0, 2.0],", "  [3.0, 4.0]],", "", " [[5.0, 6.0],", "  [7.0, 8.0]]]",
            ])
    }

    @Test func aNumberAloneHasNoBrackets() throws {
        #expect(try lines(DenseTensor(scalar: 188)) == ["188"])
        #expect(try lines(DenseTensor(shape: [0, 3], [])) == ["[]"])
    }

    @Test func ofALargeTensorBothEndsArePrinted() throws {
        let tensor = DenseTensor(shape: [1001], elements: .int64((0..<1001).map(Int64.init)))
        #expect(try lines(tensor) == ["[   0,    1,    2, ...,  998,  999, 1000]"])
        let matrix = DenseTensor(shape: [100, 100], elements: .int64((0..<10_000).map(Int64.init)))
        #expect(
            try lines(matrix) == [
                "[[   0,    1,    2, ...,   97,   98,   99],", " [ 100,  101,  102, ...,  197,  198,  199],",
                " [ 200,  201,  202, ...,  297,  298,  299],", " ...,",
                " [9700, 9701, 9702, ..., 9797, 9798, 9799],", " [9800, 9801, 9802, ..., 9897, 9898, 9899],",
                " [9900, 9901, 9902, ..., 9997, 9998, 9999]]",
            ])
    }

    /// Every view and every way of storing gives the same numbers as reading the whole tensor.
    @Test(arguments: ["torch-2.15/views.pth", "torch-2.15/deflated.pth", "torch-1.13/dtypes.pth"])
    func theNumbersAreTheTensors(_ name: String) throws {
        let file = try CheckpointFile(readingFrom: Fixture(name).path)
        for entry in file.tensors where entry.type.isFloatingPoint && entry.count > 0 {
            let text = try TensorExcerpt(of: entry, in: file) { "\($0)" }.lines.joined()
            let shown = text.split { "[], ".contains($0) }.map(String.init)
            #expect(shown == (try file.doubles(entry).map { "\($0)" }), "\(entry.name)")
        }
    }
}
