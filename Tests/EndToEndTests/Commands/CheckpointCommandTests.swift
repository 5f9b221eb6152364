import Foundation
import Testing

/// Commands on checkpoints, without a terminal.
@Suite struct CheckpointCommandTests {
    private static let whole = TestWorkspace.repository + "/sample-data/model.pth"
    private static let parameters = TestWorkspace.repository + "/sample-data/model_params.pth"

    private func normscope(_ arguments: String..., in workspace: TestWorkspace) throws -> Outcome {
        try run(TestWorkspace.program, arguments, in: workspace.directory)
    }

    private func document(_ arguments: String..., in workspace: TestWorkspace) throws -> [String: Any] {
        let outcome = try run(TestWorkspace.program, arguments, in: workspace.directory)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    }

    @Test func inspectingTellsNormalizationLayersAndWhatPyTorchWouldRefuse() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let text = try normscope("inspect", Self.whole, in: workspace).output
        #expect(
            text.contains(
                "layer1.1       16        0.1570…0.9012  -0.6987…-0.0747  -1.134…0.6443  0.0256…2.618      188"))
        #expect(text.firstMatch(of: /torch\.nn\.modules\.conv\.Conv2d +refuses the file/) != nil)
        #expect(text.firstMatch(of: /collections\.OrderedDict +accepts it/) != nil)
    }

    @Test func inspectingATensorPrintsValuesAndAHistogram() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let text = try normscope("inspect", Self.parameters, "--tensor", "fc.weight", in: workspace).output
        #expect(text.contains("[[ 0.0230,  0.0200,  0.0295, ..., -0.0160, -0.0052, -0.0194],"))
        let counts = text.matches(of: #/\n-?[0-9.e-]+ +([0-9]+) /#).compactMap { Int($0.1) }
        #expect(counts.reduce(0, +) == 163_840)
        let unknown = try normscope("inspect", Self.parameters, "--tensor", "fc.weigth", in: workspace)
        #expect(unknown.status == 1 && unknown.errors.contains("no tensor is called 'fc.weigth'"))
    }

    @Test func everyKeyOfTheDocumentIsAlwaysThere() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let report = try document("inspect", "--json", Self.whole, in: workspace)
        #expect(Set(report.keys) == ["format", "kind", "globals", "tensors"])
        for tensor in try #require(report["tensors"] as? [[String: Any]]) {
            #expect(
                Set(tensor.keys) == ["name", "dtype", "shape", "bytes", "min", "max", "mean", "std", "nonfinite"])
        }
    }

    @Test func theTwoFilesOfTheLessonAreIdentical() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let outcome = try normscope("compare", Self.whole, Self.parameters, in: workspace)
        #expect(outcome.output.hasSuffix("identical: every value of every tensor is the same\n"))
        #expect(
            try document("compare", "--json", Self.whole, Self.parameters, in: workspace)["identical"] as? Bool == true)
    }

    @Test(arguments: ["out.pth", "out.safetensors"])
    func convertingKeepsEveryValue(output: String) throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        #expect(try normscope("convert", Self.whole, output, in: workspace).output == "wrote \(output)\n")
        #expect(workspace.files(in: ".") == [output])
        #expect(try normscope("compare", Self.whole, output, in: workspace).output.contains("identical"))
        let again = try normscope("convert", output, "module.pth", "--as", "module", in: workspace)
        #expect(again.status == 1 && again.errors.contains("holds tensors only"))
        let experiment = try normscope(
            "convert", output, "module.pth", "--as", "module", "--experiment", TestWorkspace.example, in: workspace)
        #expect(experiment.status == 0, "\(experiment.errors)")
        let inspected = try normscope("inspect", "module.pth", in: workspace).output
        #expect(inspected.contains("(flatten): Flatten(start_dim=1, end_dim=-1)"))
    }

    @Test func safetensorsHoldNoModule() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        #expect(try normscope("convert", Self.whole, "a.safetensors", "--as", "module", in: workspace).status == 64)
    }

    @Test func evaluatingACheckpointOfARunGivesWhatTheEngineFound() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        try #expect(
            normscope("train", "--headless", "--set", "epochs=2", TestWorkspace.example, in: workspace).status == 0)
        let file = try #require(workspace.files(in: "runs/batchnorm-cnn/checkpoints").last)
        let report = try document("eval", "--json", "runs/batchnorm-cnn/checkpoints/\(file)", in: workspace)
        let log = try LoggedScalars(directory: workspace.path("runs/batchnorm-cnn"))
        let running = try #require(report["evaluationMode"] as? [String: Any])
        #expect(try Float(#require(running["accuracy"] as? Double)) == log["val/accuracy"].last)
        #expect(try abs(Float(#require(running["loss"] as? Double)) - #require(log["val/loss"].last)) < 1e-5)
        let batch = try #require(report["batchStatistics"] as? [String: Any])
        #expect(try #require(batch["accuracy"] as? Double) > 0.7)
        #expect(batch["loss"] as? Double != running["loss"] as? Double)
    }

    @Test func aFileThatFitsNoNetworkSaysHowToNameOne() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let other = TestWorkspace.repository + "/Tests/CheckpointsTests/Fixtures/torch-2.15/state_dict.pth"
        let outcome = try normscope("eval", other, in: workspace)
        #expect(outcome.status == 1 && outcome.errors.contains("--experiment FILE"))
        #expect(outcome.errors.split(separator: "\n").count == 1)
    }

    /// The first losses of a run that begins with a trained network are those of a trained network.
    @Test(arguments: ["model.pth", "model_params.pth"])
    func aRunBeginsWithTheParametersOfAFile(file: String) throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let path = TestWorkspace.repository + "/sample-data/" + file
        let outcome = try normscope(
            "train", "--headless", "--init", path, "--set", "epochs=1", TestWorkspace.example, in: workspace)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let losses = try LoggedScalars(directory: workspace.path("runs/batchnorm-cnn"))["train/loss"]
        #expect(losses.count == 94 && losses.prefix(10).reduce(0, +) / 10 < 1)
        let first = "runs/batchnorm-cnn/checkpoints/step-00000000.pth"
        #expect(try normscope("compare", path, first, in: workspace).output.contains("identical"))
    }

    @Test func parametersThatDoNotFitLeaveNoRunBehind() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let outcome = try normscope(
            "train", "--headless", "--init", Self.parameters, "--set",
            "model.layer1.0=Conv2d(3, 16, kernel_size=5, padding=2)",
            TestWorkspace.example, in: workspace)
        #expect(outcome.status == 1 && outcome.errors.contains("layer1.0.weight has the shape [16, 3, 3, 3]"))
        #expect(outcome.errors.split(separator: "\n").count == 1)
        #expect(workspace.files(in: "runs").isEmpty)
    }

    @Test func readingAndWritingIsMeasured() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        try FileManager.default.copyItem(atPath: Self.parameters, toPath: workspace.path("a.pth"))
        let report = try document("bench", "--checkpoint", "a.pth", "--json", in: workspace)
        #expect(try #require(report["statisticsMilliseconds"] as? Double) > 0)
        #expect(workspace.files(in: ".") == ["a.pth"])
    }
}
