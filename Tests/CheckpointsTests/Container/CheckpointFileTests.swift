import Tensors
import Testing

@testable import Checkpoints

@Suite struct CheckpointFileTests {
    @Test(arguments: Fixture.described)
    func everyTensorHasPyTorchsNameShapeTypeAndValues(_ name: String) throws {
        let fixture = Fixture(name)
        let expected = try fixture.description().tensors
        let file = try CheckpointFile(readingFrom: fixture.path)
        let tensors = fixture.isOrdered ? file.tensors : file.tensors.sorted { $0.name < $1.name }
        #expect(
            tensors.map(\.name) == (fixture.isOrdered ? expected : expected.sorted { $0.name < $1.name }).map(\.name))
        for tensor in expected {
            let entry = try file.entry(named: tensor.name)
            #expect(entry.type.rawValue == tensor.dtype)
            #expect(entry.shape == tensor.shape)
            #expect(entry.strides == tensor.stride)
            #expect(Bits(try file.doubles(entry)) == Bits(tensor.values.map(\.double)), "\(tensor.name)")
        }
    }

    @Test(arguments: ["torch-2.15/state_dict.pth", "torch-2.15/training.pth"])
    func theStateDictionaryIsFoundBareAndInsideACheckpoint(_ name: String) throws {
        let state = try CheckpointFile(readingFrom: Fixture(name).path).stateDictionary()
        #expect(
            state.map(\.name) == [
                "layer1.0.weight", "layer1.0.bias", "layer1.1.weight", "layer1.1.bias", "layer1.1.running_mean",
                "layer1.1.running_var", "layer1.1.num_batches_tracked", "fc.weight", "fc.bias",
            ])
        #expect(state[6].tensor == DenseTensor(scalar: 938))
    }

    /// What a network of its own names asks for, whatever stands before the names in the file.
    @Test(arguments: ["torch-2.15/module_parallel.pth", "torch-2.15/state_dict.pth", "torch-1.13/lightning.ckpt"])
    func aStateDictionaryIsGivenUnderTheNetworksOwnNames(_ name: String) throws {
        let names = try CheckpointFile(readingFrom: Fixture("torch-2.15/state_dict.pth").path).tensors.map(\.name)
        let state = try CheckpointFile(readingFrom: Fixture(name).path).stateDictionary(named: names)
        #expect(Set(state.map(\.name)).isSuperset(of: names))
    }

    @Test func aNormalizationLayerWithoutACounterCountsFromZero() throws {
        let folder = try TemporaryFolder()
        let tensors = [
            NamedTensor("bn.running_mean", DenseTensor(shape: [1], [0])),
            NamedTensor("bn.running_var", DenseTensor(shape: [1], [1])),
        ]
        try CheckpointWriter.write(StateDictionary.value(tensors), to: folder.path + "/a.pth")
        let file = try CheckpointFile(readingFrom: folder.path + "/a.pth")
        let names = tensors.map(\.name) + ["bn.num_batches_tracked", "other.num_batches_tracked"]
        let state = try file.stateDictionary(named: names)
        #expect(state.map(\.name) == tensors.map(\.name) + ["bn.num_batches_tracked"])
        #expect(state.last?.tensor == DenseTensor(scalar: 0))
    }

    @Test func aMissingTensorIsNamed() throws {
        let file = try CheckpointFile(readingFrom: Fixture("torch-2.15/state_dict.pth").path)
        let error = #expect(throws: CheckpointError.self) { try file.dense("fc.weigth") }
        #expect(try #require(error).description.contains("no tensor is called 'fc.weigth'"))
    }

    @Test func aMissingFileSaysSo() throws {
        let error = #expect(throws: CheckpointError.self) { try CheckpointFile(readingFrom: "/nowhere/a.pth") }
        #expect(
            try #require(error).description
                == "/nowhere/a.pth: cannot open: No such file or directory; check the path")
    }

    @Test func everyTruncationIsAnErrorAndNoCrash() throws {
        let bytes = try Fixture("torch-2.15/state_dict.pth").bytes()
        let folder = try TemporaryFolder()
        for count in 0..<bytes.count {
            let path = try folder.file("cut.pth", Array(bytes[..<count]))
            #expect(throws: CheckpointError.self, "\(count) of \(bytes.count) bytes") {
                try CheckpointFile(readingFrom: path)
            }
        }
    }
}

/// Doubles compared by their bits, where every NaN is the same and a zero's sign counts for nothing (JSON loses it).
private struct Bits: Equatable {
    let patterns: [UInt64]

    init(_ values: [Double]) {
        patterns = values.map { ($0.isNaN ? Double.nan : $0 + 0).bitPattern }
    }
}
