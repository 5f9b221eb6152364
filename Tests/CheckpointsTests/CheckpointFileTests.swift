import Tensors
import Testing

@testable import Checkpoints

@Suite struct CheckpointFileTests {
    @Test(arguments: ["torch-2.15/state_dict.pth", "torch-2.15/training.pth"])
    func everyTensorHasPyTorchsNameShapeTypeAndValues(_ name: String) throws {
        let fixture = Fixture(name)
        let expected = try fixture.description().tensors
        let file = try CheckpointFile(readingFrom: fixture.path)
        #expect(file.tensors.map(\.name) == expected.map(\.name))
        for (entry, tensor) in zip(file.tensors, expected) {
            #expect(entry.type.rawValue == tensor.dtype)
            #expect(entry.shape == tensor.shape)
            #expect(entry.strides == tensor.stride)
            #expect(try file.dense(entry).floats == tensor.values.map { Float($0.double) }, "\(tensor.name)")
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
