import Foundation
import Testing

/// What the commands say of checkpoints, without a terminal.
@Suite struct CheckpointCommandTests {
    private static let whole = Workshop.repository + "/sample-data/model.pth"
    private static let parameters = Workshop.repository + "/sample-data/model_params.pth"

    private func normscope(_ arguments: String..., in workshop: Workshop) throws -> Outcome {
        try run(Workshop.program, arguments, in: workshop.directory)
    }

    private func document(_ arguments: String..., in workshop: Workshop) throws -> [String: Any] {
        let outcome = try run(Workshop.program, arguments, in: workshop.directory)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    }

    @Test func inspectingTellsNormalizationLayersAndWhatPyTorchWouldRefuse() throws {
        let workshop = try Workshop()
        defer { workshop.close() }
        let text = try normscope("inspect", Self.whole, in: workshop).output
        #expect(
            text.contains(
                "layer1.1       16        0.1570…0.9012  -0.6987…-0.0747  -1.134…0.6443  0.0256…2.618      188"))
        #expect(text.firstMatch(of: /torch\.nn\.modules\.conv\.Conv2d +refuses the file/) != nil)
        #expect(text.firstMatch(of: /collections\.OrderedDict +accepts it/) != nil)
    }

    @Test func inspectingATensorPrintsValuesAndAHistogram() throws {
        let workshop = try Workshop()
        defer { workshop.close() }
        let text = try normscope("inspect", Self.parameters, "--tensor", "fc.weight", in: workshop).output
        #expect(text.contains("[[ 0.0230,  0.0200,  0.0295, ..., -0.0160, -0.0052, -0.0194],"))
        let counts = text.matches(of: #/\n-?[0-9.e-]+ +([0-9]+) /#).compactMap { Int($0.1) }
        #expect(counts.reduce(0, +) == 163_840)
        let unknown = try normscope("inspect", Self.parameters, "--tensor", "fc.weigth", in: workshop)
        #expect(unknown.status == 1 && unknown.errors.contains("no tensor is called 'fc.weigth'"))
    }

    @Test func everyKeyOfTheDocumentIsAlwaysThere() throws {
        let workshop = try Workshop()
        defer { workshop.close() }
        let report = try document("inspect", "--json", Self.whole, in: workshop)
        #expect(Set(report.keys) == ["format", "kind", "globals", "tensors"])
        for tensor in try #require(report["tensors"] as? [[String: Any]]) {
            #expect(
                Set(tensor.keys) == ["name", "dtype", "shape", "bytes", "min", "max", "mean", "std", "nonfinite"])
        }
    }

    @Test func theTwoFilesOfTheLessonAreIdentical() throws {
        let workshop = try Workshop()
        defer { workshop.close() }
        let outcome = try normscope("compare", Self.whole, Self.parameters, in: workshop)
        #expect(outcome.output.hasSuffix("identical: every value of every tensor is the same\n"))
        #expect(
            try document("compare", "--json", Self.whole, Self.parameters, in: workshop)["identical"] as? Bool == true)
    }

    @Test(arguments: ["out.pth", "out.safetensors"])
    func convertingKeepsEveryValue(output: String) throws {
        let workshop = try Workshop()
        defer { workshop.close() }
        #expect(try normscope("convert", Self.whole, output, in: workshop).output == "wrote \(output)\n")
        #expect(workshop.files(in: ".") == [output])
        #expect(try normscope("compare", Self.whole, output, in: workshop).output.contains("identical"))
        let again = try normscope("convert", output, "module.pth", "--as", "module", in: workshop)
        #expect(again.status == 1 && again.errors.contains("holds tensors only"))
        let experiment = try normscope(
            "convert", output, "module.pth", "--as", "module", "--experiment", Workshop.example, in: workshop)
        #expect(experiment.status == 0, "\(experiment.errors)")
        let inspected = try normscope("inspect", "module.pth", in: workshop).output
        #expect(inspected.contains("(flatten): Flatten(start_dim=1, end_dim=-1)"))
    }

    @Test func safetensorsHoldNoModule() throws {
        let workshop = try Workshop()
        defer { workshop.close() }
        #expect(try normscope("convert", Self.whole, "a.safetensors", "--as", "module", in: workshop).status == 64)
    }

    @Test func evaluatingACheckpointOfARunGivesWhatTheEngineFound() throws {
        let workshop = try Workshop()
        defer { workshop.close() }
        try #expect(
            normscope("train", "--headless", "--set", "epochs=2", Workshop.example, in: workshop).status == 0)
        let file = try #require(workshop.files(in: "runs/batchnorm-cnn/checkpoints").last)
        let report = try document("eval", "--json", "runs/batchnorm-cnn/checkpoints/\(file)", in: workshop)
        let log = try LoggedScalars(directory: workshop.path("runs/batchnorm-cnn"))
        let running = try #require(report["evaluationMode"] as? [String: Any])
        #expect(try Float(#require(running["accuracy"] as? Double)) == log["val/accuracy"].last)
        #expect(try abs(Float(#require(running["loss"] as? Double)) - #require(log["val/loss"].last)) < 1e-5)
        let batch = try #require(report["batchStatistics"] as? [String: Any])
        #expect(try #require(batch["accuracy"] as? Double) > 0.7)
        #expect(batch["loss"] as? Double != running["loss"] as? Double)
    }

    @Test func aFileThatFitsNoNetworkSaysHowToNameOne() throws {
        let workshop = try Workshop()
        defer { workshop.close() }
        let other = Workshop.repository + "/Tests/CheckpointsTests/Fixtures/torch-2.15/state_dict.pth"
        let outcome = try normscope("eval", other, in: workshop)
        #expect(outcome.status == 1 && outcome.errors.contains("--experiment FILE"))
        #expect(outcome.errors.split(separator: "\n").count == 1)
    }

    /// The first losses of a run that begins with a trained network are those of a trained network.
    @Test(arguments: ["model.pth", "model_params.pth"])
    func aRunBeginsWithTheParametersOfAFile(file: String) throws {
        let workshop = try Workshop()
        defer { workshop.close() }
        let path = Workshop.repository + "/sample-data/" + file
        let outcome = try normscope(
            "train", "--headless", "--init", path, "--set", "epochs=1", Workshop.example, in: workshop)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let losses = try LoggedScalars(directory: workshop.path("runs/batchnorm-cnn"))["train/loss"]
        #expect(losses.count == 94 && losses.prefix(10).reduce(0, +) / 10 < 1)
        let first = "runs/batchnorm-cnn/checkpoints/step-00000000.pth"
        #expect(try normscope("compare", path, first, in: workshop).output.contains("identical"))
    }

    @Test func parametersThatDoNotFitLeaveNoRunBehind() throws {
        let workshop = try Workshop()
        defer { workshop.close() }
        let outcome = try normscope(
            "train", "--headless", "--init", Self.parameters, "--set",
            "model.layer1.0=Conv2d(3, 16, kernel_size=5, padding=2)",
            Workshop.example, in: workshop)
        #expect(outcome.status == 1 && outcome.errors.contains("layer1.0.weight has the shape [16, 3, 3, 3]"))
        #expect(outcome.errors.split(separator: "\n").count == 1)
        #expect(workshop.files(in: "runs").isEmpty)
    }

    @Test func readingAndWritingIsMeasured() throws {
        let workshop = try Workshop()
        defer { workshop.close() }
        try FileManager.default.copyItem(atPath: Self.parameters, toPath: workshop.path("a.pth"))
        let report = try document("bench", "--checkpoint", "a.pth", "--json", in: workshop)
        #expect(try #require(report["statisticsMilliseconds"] as? Double) > 0)
        #expect(workshop.files(in: ".") == ["a.pth"])
    }
}
