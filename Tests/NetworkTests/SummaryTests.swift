import Network
import Tensors
import Testing

@Suite struct SummaryTests {
    @Test func aTableTellsWhatEachLayerCosts() throws {
        let rows = try Architecture.example().summary(input: ImageShape(channels: 3, height: 32, width: 32))
        #expect(rows.map(\.name) == ["layer1.0", "layer1.1", "layer1.2", "flatten", "fc"])
        #expect(rows.map(\.output.description) == ["(16, 32, 32)", "(16, 32, 32)", "(16, 32, 32)", "(16384)", "(10)"])
        #expect(rows.map(\.parameters) == [448, 32, 0, 0, 163850])
        #expect(rows.map(\.multiplyAdds) == [442368, 16384, 0, 0, 163840])
        #expect(rows[0].bytes == 4 * (448 + 16384))
    }

    /// PyTorch's own counts: sum(p.numel() for p in net.parameters()).
    @Test(arguments: [("example", 164_330), ("vgg6", 308_394), ("resnet20", 272_474)])
    func parametersAreCountedAsPyTorchDoes(_ model: String, _ count: Int) throws {
        let architecture = try Benchmark.architecture(model), shape = ImageShape(channels: 3, height: 32, width: 32)
        #expect(try architecture.summary(input: shape).reduce(0) { $0 + $1.parameters } == count)
    }

    @Test func residualModulesPrintTheirTwoPaths() throws {
        let module = Architecture.Module.residual(body: [.layer(try Layer(parsing: "ReLU()"))])
        #expect(
            Architecture([.init("0", module)]).printed() == """
                Net(
                  (0): Residual(
                    (body): Sequential(
                      (0): ReLU()
                    )
                    (shortcut): Sequential()
                  )
                )
                """)
    }
}
