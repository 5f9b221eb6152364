import Syntax
import Testing

/// What PyTorch 2.15 prints, for layers and for modules around them.
@Suite struct PrintedModuleTests {
    @Test(arguments: [
        (
            ConstructorCall(
                "Conv2d",
                [
                    "in_channels": .integer(3), "out_channels": .integer(8), "kernel_size": .sizes([3, 3]),
                    "stride": .sizes([1, 1]), "padding": .sizes([0, 0]), "bias": .boolean(false),
                ]), "3, 8, kernel_size=(3, 3), stride=(1, 1), bias=False"
        ),
        (ConstructorCall("GELU", ["approximate": .string("none")]), "approximate='none'"),
        (ConstructorCall("ReLU", ["inplace": .boolean(false)]), ""),
        (ConstructorCall("Softmax"), "dim=?"),
    ])
    func aLayerPrintsTheArgumentsThatPyTorchPrints(_ layer: ConstructorCall, _ text: String) {
        #expect(PrintedArguments(of: layer.name)?.texts(layer).joined(separator: ", ") == text)
    }

    @Test func childrenStandIndentedBelowTheirClass() {
        let inner = PrintedModule.lines("Sequential", children: PrintedModule.child("0", ["ReLU()"]))
        #expect(
            PrintedModule.lines("Net", children: PrintedModule.child("layer1", inner)) == [
                "Net(", "  (layer1): Sequential(", "    (0): ReLU()", "  )", ")",
            ])
        #expect(PrintedModule.lines("Identity", children: []) == ["Identity()"])
        #expect(PrintedArguments(of: "Frobnicate")?.texts(ConstructorCall("f")) == nil)
    }
}
