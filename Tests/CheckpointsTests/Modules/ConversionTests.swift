import Syntax
import Tensors
import Testing

@testable import Checkpoints

@Suite struct ConversionTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private static let convertible = Fixture.described.filter { !$0.contains("tensor.pth") && !$0.contains("dtypes") }

    @Test(arguments: convertible)
    func aStateDictionarySurvivesTheWayThroughPyTorchsFormAndSafetensors(_ name: String) throws {
        let source = try CheckpointFile(readingFrom: Fixture(name).path)
        try source.writeStateDictionary(to: folder.path + "/a.pth")
        let plain = try CheckpointFile(readingFrom: folder.path + "/a.pth")
        try plain.writeSafetensors(to: folder.path + "/b.safetensors")
        let safe = try CheckpointFile(readingFrom: folder.path + "/b.safetensors")
        let expected = try source.stateEntries()
        #expect(plain.tensors.map(\.name) == expected.map(\.name))
        #expect(Set(safe.tensors.map(\.name)) == Set(expected.map(\.name)))
        for entry in expected {
            let values = try source.doubles(entry)
            #expect(try plain.doubles(plain.entry(named: entry.name)) == values, "\(entry.name)")
            #expect(try safe.doubles(safe.entry(named: entry.name)) == values, "\(entry.name)")
            #expect(try safe.entry(named: entry.name).shape == entry.shape)
        }
        #expect(plain.globals.allSatisfy { $0.verdict == .allowed })
    }

    @Test(arguments: ["torch-2.15/dtypes.pth", "torch-1.13/dtypes_legacy.pth", "torch-2.15/big_endian.pth"])
    func everyTypeIsWrittenAsItWasRead(_ name: String) throws {
        let source = try CheckpointFile(readingFrom: Fixture(name).path)
        try source.writeStateDictionary(to: folder.path + "/a.pth")
        let written = try CheckpointFile(readingFrom: folder.path + "/a.pth")
        for (entry, copy) in zip(source.tensors, written.tensors) {
            #expect(copy.type == entry.type)
            #expect(
                try written.doubles(copy).map { $0.isNaN ? 0 : $0 } == source.doubles(entry).map { $0.isNaN ? 0 : $0 },
                "\(entry.name)")
        }
    }

    @Test func tiedTensorsStayTied() throws {
        try CheckpointFile(readingFrom: Fixture("torch-2.15/views.pth").path).writeStateDictionary(
            to: folder.path + "/a.pth")
        let file = try CheckpointFile(readingFrom: folder.path + "/a.pth")
        #expect(try file.entry(named: "tied").storage == file.entry(named: "tied_row").storage)
        #expect(try file.entry(named: "transposed").strides == [1, 6])
    }

    @Test func safetensorsHasNoComplex128() throws {
        let path = folder.path + "/a.safetensors"
        let error = #expect(throws: CheckpointError.self) {
            try CheckpointFile(readingFrom: Fixture("torch-2.15/dtypes.pth").path).writeSafetensors(to: path)
        }
        #expect(
            try #require(error).description
                == "\(path): tensor 'complex128' holds complex128, which safetensors cannot; write a .pth file instead")
        #expect(try folder.contents.isEmpty)
    }

    // MARK: - Whole modules

    /// The small example network as an experiment has it.
    static func outline() throws -> ModuleOutline {
        .sequential([
            .init(
                "layer1",
                .sequential([
                    try layer("0", "Conv2d(3, 4, kernel_size=3, stride=1, padding=1)"),
                    try layer("1", "BatchNorm2d(4)"), try layer("2", "ReLU()"),
                ])),
            try layer("flatten", "Flatten()"), try layer("fc", "Linear(4*4*4, 3)"),
        ])
    }

    private static func layer(_ name: String, _ text: String) throws -> ModuleOutline.Child {
        .init(name, .layer(try ConstructorCall(parsing: text)))
    }

    @Test(arguments: ["state_dict.pth", "training.pth", "module.pth"])
    func aModuleFromAnOutlineHasTheLayersAndTheTensors(_ name: String) throws {
        let source = try CheckpointFile(readingFrom: Fixture("torch-2.15/" + name).path)
        try source.writeModule(to: folder.path + "/m.pth", outline: Self.outline())
        let module = try CheckpointFile(readingFrom: folder.path + "/m.pth")
        #expect(module.kind == .module(className: "Sequential"))
        let expected = try #require(try Fixture("torch-2.15/module.pth").description().printed)
        #expect(try module.structure()?.printed == expected.replacing("Net(", with: "Sequential("))
        #expect(try CheckpointComparison(source, module).isIdentical)
        #expect(module.globals.allSatisfy { $0.global.module.hasPrefix("torch.nn.modules.") || $0.verdict == .allowed })
    }

    @Test(arguments: ["torch-2.15/module.pth", "torch-1.13/module.pth", "torch-2.15/module_parallel.pth"])
    func aModuleIsRebuiltFromTorchsOwnClasses(_ name: String) throws {
        let source = try CheckpointFile(readingFrom: Fixture(name).path)
        let guess = try source.writeModule(to: folder.path + "/m.pth")
        #expect(guess.flattened.isEmpty)
        #expect(guess.replaced == (name.contains("parallel") ? ["DataParallel", "Net"] : ["Net"]))
        let module = try CheckpointFile(readingFrom: folder.path + "/m.pth")
        #expect(try CheckpointComparison(source, module).isIdentical)
        #expect(module.globals.allSatisfy { $0.global.module.hasPrefix("torch.nn.modules.") || $0.verdict == .allowed })
    }

    /// A class that calls `view` between its convolutions and its last layer, which no module tells of.
    @Test func aFlattenStandsWhereAClassMustHaveFlattened() throws {
        let layers: ModuleOutline = .sequential([
            try Self.layer("0", "Conv2d(1, 1, kernel_size=1)"), try Self.layer("1", "BatchNorm2d(1)"),
            try Self.layer("2", "ReLU()"),
        ])
        let outline = ModuleOutline.sequential([
            .init("features", layers), try Self.layer("drop", "Dropout()"), try Self.layer("fc", "Linear(1, 1)"),
        ])
        let value = try ModuleAssembler.value(outline, [], path: "a.pth")
        guard case .object(_, _, let state) = value else {
            Issue.record("no module: \(value)")
            return
        }
        try CheckpointWriter.write(
            .object(PickleGlobal("__main__", "Net"), arguments: nil, state: state), to: folder.path + "/a.pth")
        let guess = try CheckpointFile(readingFrom: folder.path + "/a.pth").writeModule(to: folder.path + "/m.pth")
        #expect(guess == ModuleGuess(replaced: ["Net"], flattened: ["fc"]))
        let module = try CheckpointFile(readingFrom: folder.path + "/m.pth")
        #expect(try module.structure()?.children.map(\.name) == ["features", "drop", "flatten", "fc"])
    }

    @Test func aConversionThatIsCancelledLeavesWhatWasThere() throws {
        let path = try folder.file("a.pth", Array("old".utf8))
        let source = try CheckpointFile(readingFrom: Fixture("torch-2.15/state_dict.pth").path)
        #expect(throws: CheckpointError.cancelled(path: path)) {
            try source.writeStateDictionary(to: path, operations: .observed { _ in false })
        }
        #expect(throws: CheckpointError.cancelled(path: path)) {
            try source.writeSafetensors(to: path, operations: .observed { _ in false })
        }
        #expect(try folder.bytes("a.pth") == Array("old".utf8) && folder.contents == ["a.pth"])
    }

    @Test func aModuleWithClassesThatCannotBeKnownIsRefused() throws {
        let error = #expect(throws: CheckpointError.self) {
            try CheckpointFile(readingFrom: Fixture("torch-2.15/module_zoo.pth").path).writeModule(
                to: folder.path + "/m.pth")
        }
        #expect(try #require(error).description.contains("module 'counter' is a __main__.Counter"))
    }

    @Test(
        arguments: [
            ("Residual(2)", "is a Residual, which is none of torch.nn's that can be written"),
            ("Conv2d(3, 4, 3, paddin=1)", "has unknown arguments"), ("Conv2d(ReLU(), 4, 3)", "has unknown arguments"),
            ("ReLU()", "tensor 'weight' belongs to no layer"),
        ])
    func anOutlineThatDoesNotFitIsRefused(_ layer: String, _ problem: String) throws {
        let outline = ModuleOutline.layer(try ConstructorCall(parsing: layer))
        try CheckpointWriter.write(
            StateDictionary.value([NamedTensor("weight", DenseTensor(shape: [1], [1]))]), to: folder.path + "/a.pth")
        let error = #expect(throws: CheckpointError.self) {
            try CheckpointFile(readingFrom: folder.path + "/a.pth").writeModule(
                to: folder.path + "/m.pth", outline: outline)
        }
        #expect(try #require(error).description.contains(problem))
    }
}
