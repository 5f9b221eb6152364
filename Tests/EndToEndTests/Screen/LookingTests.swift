import Foundation
import Testing

/// Commands that look at files and measure, without a terminal and without a run of their own.
@Suite struct LookingTests {
    private func document(_ arguments: String...) throws -> [String: Any] {
        let outcome = try run(TestWorkspace.program, arguments, in: TestWorkspace.repository)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    }

    /// The two ways in which PyTorch saves a network hold the same tensors.
    @Test(arguments: [("model.pth", "module"), ("model_params.pth", "state_dict")])
    func bothWaysOfSavingOpen(file: String, kind: String) throws {
        let report = try document("inspect", "--json", "sample-data/" + file)
        #expect(report["kind"] as? String == kind)
        let tensors = try #require(report["tensors"] as? [[String: Any]])
        #expect(
            tensors.map { $0["name"] as? String } == [
                "layer1.0.weight", "layer1.0.bias", "layer1.1.weight", "layer1.1.bias", "layer1.1.running_mean",
                "layer1.1.running_var", "layer1.1.num_batches_tracked", "fc.weight", "fc.bias",
            ])
        #expect(tensors[6]["dtype"] as? String == "int64" && tensors[6]["mean"] as? Double == 188)
        #expect(tensors[7]["shape"] as? [Int] == [10, 16384])
    }

    @Test func aWholeModuleIsPrintedAsPyTorchPrintsIt() throws {
        let outcome = try run(
            TestWorkspace.program, ["inspect", "sample-data/model.pth"], in: TestWorkspace.repository)
        #expect(outcome.output.contains("    (0): Conv2d(3, 16, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))\n"))
        #expect(outcome.output.firstMatch(of: /__main__\.Net +refuses the file/) != nil)
    }

    @Test(arguments: ["batchnorm-cnn", "no-batchnorm", "vgg", "resnet20", "fashion-mnist-full"])
    func everyExampleDescribesANetwork(name: String) throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let source = try String(
            contentsOfFile: TestWorkspace.repository + "/sample-data/experiments/\(name).yaml", encoding: .utf8)
        let path = TestWorkspace.repository + "/sample-data/fashion-mnist"
        try workspace.write(
            source.replacing(/path: [^\s,}]+/) { _ in "path: \(path)" }, to: "experiment.yaml")
        let outcome = try run(TestWorkspace.program, ["inspect", "experiment.yaml"], in: workspace.directory)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.hasPrefix("Net(\n") && outcome.output.contains("Linear(in_features="))
    }

    @Test func theBenchmarkMeasuresBothKindsOfWork() throws {
        let result = try document("bench", "--batch", "8", "--seconds", "0.05", "--json")
        #expect(try #require(result["trainMillisecondsPerStep"] as? Double) > 0)
        #expect(try #require(result["evaluateMillisecondsPerBatch"] as? Double) > 0)
        let unknown = try run(TestWorkspace.program, ["bench", "--model", "vgg7"], in: TestWorkspace.repository)
        #expect(unknown.status == 1 && unknown.errors.contains("did you mean 'vgg6'?"))
    }
}
