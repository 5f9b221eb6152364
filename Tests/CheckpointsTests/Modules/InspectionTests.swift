import Foundation
import Testing

@testable import Checkpoints

/// What a file is, without looking at a tensor's values.
@Suite struct InspectionTests {
    @Test(arguments: Fixture.described.filter { $0.contains("/module") && !$0.contains("in_dict") })
    func aWholeModulePrintsAsPyTorchPrintsIt(_ name: String) throws {
        let fixture = Fixture(name)
        let structure = try #require(try CheckpointFile(readingFrom: fixture.path).structure())
        #expect(structure.printed == (try fixture.description().printed))
    }

    @Test func aModuleInsideADictionaryIsFoundWithItsNames() throws {
        let file = try CheckpointFile(readingFrom: Fixture("torch-2.15/module_in_dict.pth").path)
        #expect(try file.structure()?.className == "Net")
        #expect(file.tensors[0].name == "model.layer1.0.weight")
        #expect(try file.stateEntries().map(\.name).first == "layer1.0.weight")
    }

    @Test func aStateDictionaryHasNoStructure() throws {
        #expect(try CheckpointFile(readingFrom: Fixture("torch-2.15/state_dict.pth").path).structure() == nil)
    }

    @Test func torchScriptIsPrintedByItsOriginalNames() throws {
        let file = try CheckpointFile(readingFrom: Fixture("torch-2.15/script.pt").path)
        #expect(file.kind == .torchScript(className: "Sequential"))
        #expect(
            try file.structure()?.printed == """
                RecursiveScriptModule(
                  original_name=Sequential
                  (0): RecursiveScriptModule(original_name=Linear)
                  (1): RecursiveScriptModule(original_name=BatchNorm1d)
                  (2): RecursiveScriptModule(original_name=ReLU)
                )
                """)
    }

    @Test(
        arguments: [
            ("state_dict.pth", .stateDictionary), ("state_dict_legacy.pth", .stateDictionary),
            ("training.pth", .checkpoint(key: "model_state_dict")), ("nested.pth", .checkpoint(key: "model")),
            ("lightning.ckpt", .lightning(version: "2.1.0")), ("module.pth", .module(className: "Net")),
            ("module_in_dict.pth", .checkpoint(key: "model")), ("tensor.pth", .tensor), ("list.pth", .other),
        ] as [(String, CheckpointFile.Kind)])
    func theKindIsRecognised(_ name: String, _ kind: CheckpointFile.Kind) throws {
        #expect(try CheckpointFile(readingFrom: Fixture("torch-2.15/" + name).path).kind == kind)
    }

    @Test func sparseAndQuantizedTensorsAreNamedAndTheRestIsShown() throws {
        let sparse = try CheckpointFile(readingFrom: Fixture("torch-2.15/sparse.pth").path)
        #expect(sparse.unshown == [UnshownTensor(name: "sparse", kind: "sparse tensor (torch.sparse_coo)")])
        #expect(sparse.tensors.map(\.name) == ["dense"])
        let quantized = try CheckpointFile(readingFrom: Fixture("torch-2.15/quantized.pth").path)
        #expect(quantized.unshown == [UnshownTensor(name: "quantized", kind: "quantized tensor (QInt8)")])
        #expect(try quantized.dense("dense").floats == [1, 1])
    }

    @Test func tiedTensorsShareTheirStorage() throws {
        let file = try CheckpointFile(readingFrom: Fixture("torch-2.15/views.pth").path)
        let tied = try file.entry(named: "tied")
        #expect(try file.entry(named: "tied_too").storage == tied.storage)
        #expect(try file.entry(named: "tied_row").storage == tied.storage)
        #expect(try file.entry(named: "base").storage != tied.storage)
        let first = try #require(file.tied["tied_too"])
        #expect([first, file.tied["tied_row"]].contains("tied") || file.tied["tied"] == first)
        #expect(file.tied["base"] == nil)
    }

    @Test func theTwoFilesOfTheSampleDataHoldTheSameNetwork() throws {
        let folder = Fixture.sampleData + "/"
        let whole = try CheckpointFile(readingFrom: folder + "model.pth")
        let parameters = try CheckpointFile(readingFrom: folder + "model_params.pth")
        #expect(whole.kind == .module(className: "Net"))
        #expect(parameters.kind == .stateDictionary)
        #expect(try CheckpointComparison(whole, parameters).isIdentical)
        #expect(try NormalizationTensors.layers(in: whole.stateEntries()).map(\.layer) == ["layer1.1"])
    }

    // MARK: - Globals

    @Test func aStateDictionaryMentionsOnlyWhatPyTorchAllows() throws {
        for version in ["2.15", "1.13"] {
            let globals = try CheckpointFile(readingFrom: Fixture("torch-\(version)/state_dict.pth").path).globals
            #expect(
                globals.map(\.global.description) == [
                    "collections.OrderedDict", "torch._utils._rebuild_tensor_v2", "torch.FloatStorage",
                    "torch.LongStorage",
                ])
            #expect(globals.allSatisfy { $0.verdict == .allowed })
        }
    }

    @Test func exactlyWhatPyTorchAllowsIsAllowed() throws {
        let names = try String(contentsOfFile: Fixture.folder + "/torch-2.15/allowed-globals.txt", encoding: .utf8)
            .split(separator: "\n").map(String.init)
        #expect(names.count == 144)
        for name in names {
            #expect(GlobalMention(PickleGlobal(path: name)).verdict == .allowed, "\(name)")
            #expect(GlobalMention(PickleGlobal(path: name + "_")).verdict != .allowed, "\(name)_")
        }
        for name in [
            "torch.storage.Storage", "torch.cuda.QInt8Storage", "torch.sparse.BoolTensor", "torch._utils.eval",
        ] {
            #expect(GlobalMention(PickleGlobal(path: name)).verdict != .allowed, "\(name)")
        }
    }

    @Test func aModulesClassesWouldBeRefused() throws {
        let globals = try CheckpointFile(readingFrom: Fixture("torch-2.15/module.pth").path).globals
        let refused = globals.filter { $0.verdict == .refused }.map(\.global.description)
        #expect(refused.contains("__main__.Net"))
        #expect(refused.contains("torch.nn.modules.conv.Conv2d"))
        #expect(!refused.contains("torch._utils._rebuild_parameter"))
        #expect(!refused.contains("__builtin__.set"))
    }

    @Test(arguments: [
        "os.system", "posix.system", "__builtin__.eval", "builtins.exec", "subprocess.Popen", "runpy.run_path",
    ])
    func knownWeaponsAreMarkedAndNothingRuns(_ name: String) throws {
        let global = PickleGlobal(path: name)
        let folder = try TemporaryFolder()
        let path = folder.path + "/bad.pth"
        let payload: PickleValue = .object(global, arguments: [.string("touch \(folder.path)/ran")], state: nil)
        try CheckpointWriter.write(["x": payload], to: path)
        let file = try CheckpointFile(readingFrom: path)
        let mention = try #require(file.globals.first { $0.global == global })
        guard case .dangerous = mention.verdict else {
            Issue.record("\(name) is \(mention.verdict)")
            return
        }
        #expect(try folder.contents == ["bad.pth"])
    }
}

extension PickleGlobal {
    /// `os.system` as module and name.
    fileprivate init(path: String) {
        let parts = path.split(separator: ".")
        self.init(parts.dropLast().joined(separator: "."), String(parts[parts.count - 1]))
    }
}
