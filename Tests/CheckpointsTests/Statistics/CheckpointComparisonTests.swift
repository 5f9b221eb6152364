import Tensors
import Testing

@testable import Checkpoints

@Suite struct CheckpointComparisonTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func file(_ name: String, _ tensors: [NamedTensor]) throws -> CheckpointFile {
        let path = folder.path + "/" + name
        try CheckpointWriter.write(StateDictionary.value(tensors), to: path)
        return try CheckpointFile(readingFrom: path)
    }

    private let layer = [
        NamedTensor("bn.weight", DenseTensor(shape: [2], [1, 2])),
        NamedTensor("bn.bias", DenseTensor(shape: [2], [0, 0])),
        NamedTensor("bn.running_mean", DenseTensor(shape: [2], [1, 1])),
        NamedTensor("bn.running_var", DenseTensor(shape: [2], [4, 1])),
        NamedTensor("bn.num_batches_tracked", DenseTensor(scalar: 10)),
        NamedTensor("fc.weight", DenseTensor(shape: [2, 2], [1, 2, 3, .nan])),
    ]

    @Test func aCheckpointIsIdenticalToItself() throws {
        let comparison = try CheckpointComparison(file("a.pth", layer), file("b.pth", layer))
        #expect(comparison.isIdentical)
        #expect(comparison.tensors.count == 6)
    }

    @Test func differencesAreSortedLargestFirstAndNaNBeforeAll() throws {
        var other = layer
        other[0] = NamedTensor("bn.weight", DenseTensor(shape: [2], [1.5, .infinity]))
        other[5] = NamedTensor("fc.weight", DenseTensor(shape: [2, 2], [1, 2, 7, .nan]))
        other[1] = NamedTensor("bn.bias", DenseTensor(shape: [2], [0, 0.5]))
        let comparison = try CheckpointComparison(file("a.pth", layer), file("b.pth", other))
        #expect(comparison.tensors.prefix(3).map(\.name) == ["bn.weight", "fc.weight", "bn.bias"])
        #expect(comparison.tensors.prefix(3).map(\.largest) == [0.5, 4, 0.5])
        #expect(comparison.tensors.prefix(3).map(\.nonFinite) == [1, 0, 0])
        #expect(comparison.tensors[1].mean == 4.0 / 3)
        #expect(!comparison.isIdentical)
    }

    @Test func normalizationLayersAreComparedInTheirOwnTerms() throws {
        var other = layer
        other[2] = NamedTensor("bn.running_mean", DenseTensor(shape: [2], [2, 0.75]))
        other[3] = NamedTensor("bn.running_var", DenseTensor(shape: [2], [4, 0.5]))
        other[4] = NamedTensor("bn.num_batches_tracked", DenseTensor(scalar: 12))
        let difference = try #require(
            try CheckpointComparison(file("a.pth", layer), file("b.pth", other)).normalization.first)
        #expect(difference.layer == "bn")
        #expect(abs(try #require(difference.meanShift) - 0.5) < 1e-5)
        #expect(abs(try #require(difference.logVarianceShift) + 0.693_147) < 1e-4)
        #expect(difference.weightShift == 0)
        #expect(difference.batchesTracked == [10, 12])
    }

    @Test func whatIsMissingIsWeighed() throws {
        let comparison = try CheckpointComparison(
            file("a.pth", layer),
            file("b.pth", layer.filter { !$0.name.hasSuffix("tracked") && !$0.name.hasSuffix("var") }))
        #expect(
            comparison.onlyInFirst == [
                .init(name: "bn.running_var", effect: .breaksEvaluation),
                .init(name: "bn.num_batches_tracked", effect: .harmless),
            ])
        #expect(comparison.onlyInSecond.isEmpty)
    }

    @Test func shapesThatDifferAreListed() throws {
        var other = layer
        other[5] = NamedTensor("fc.weight", DenseTensor(shape: [4], [1, 2, 3, 4]))
        let comparison = try CheckpointComparison(file("a.pth", layer), file("b.pth", other))
        #expect(comparison.shapes == [.init(name: "fc.weight", first: [2, 2], second: [4])])
        #expect(comparison.tensors.count == 5)
    }

    @Test(arguments: [("module.", ""), ("", "_orig_mod."), ("module.net.", "model.")])
    func prefixesAreRecognised(_ first: String, _ second: String) throws {
        let comparison = try CheckpointComparison(
            file("a.pth", layer.map { NamedTensor(first + $0.name, $0.tensor) }),
            file("b.pth", layer.map { NamedTensor(second + $0.name, $0.tensor) }))
        #expect(comparison.prefixes == (first, second))
        #expect(comparison.isIdentical)
    }

    @Test func aModuleSavedWholeEqualsItsParametersSavedAlone() throws {
        for version in ["torch-2.15", "torch-1.13"] {
            let comparison = try CheckpointComparison(
                CheckpointFile(readingFrom: Fixture(version + "/module_parallel.pth").path),
                CheckpointFile(readingFrom: Fixture("torch-2.15/deflated.pth").path))
            #expect(comparison.isIdentical)
            #expect(comparison.prefixes == ("module.", ""))
        }
    }

    @Test func typesMayDiffer() throws {
        let comparison = try CheckpointComparison(
            CheckpointFile(readingFrom: Fixture("torch-2.15/module_double.pth").path),
            CheckpointFile(readingFrom: Fixture("torch-2.15/state_dict.pth").path))
        #expect(comparison.isIdentical)
        #expect(comparison.tensors[0].types == [.float64, .float32])
    }
}
