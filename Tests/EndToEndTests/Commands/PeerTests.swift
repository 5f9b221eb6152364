import EventLog
import Foundation
import Testing

/// PyTorch and TensorBoard read our files. These tests need a Python that has both: name it in NORMSCOPE_PYTHON.
@Suite(.enabled(if: Peers.python != nil, "NORMSCOPE_PYTHON names no Python with torch and tensorboard"))
struct PeerTests {
    @Test func pyTorchSeesWhatTheEngineSees() throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let trained = try run(
            TestWorkspace.program, ["train", "--headless", "--set", "epochs=2", TestWorkspace.example],
            in: workspace.directory)
        #expect(trained.status == 0)
        let folder = workspace.path("runs/batchnorm-cnn")
        let log = try LoggedScalars(directory: folder)
        let checkpoint = try #require(workspace.files(in: "runs/batchnorm-cnn/checkpoints").last)

        let accuracy = try Peers.run(
            "accuracy.py", "\(folder)/checkpoints/\(checkpoint)",
            TestWorkspace.repository + "/sample-data/fashion-mnist")
        let expected = try #require(log["val/accuracy"].last)
        #expect(accuracy["correct"] as? Int == Int((Double(expected) * 1000).rounded()))
        #expect(accuracy["momentum_buffers"] as? Int == 6)

        let events = try Peers.run("events.py", folder)
        let scalars = try #require(events["scalars"] as? [String: [[Double]]])
        for tag in ["train/loss", "train/accuracy", "lr", "val/loss", "val/accuracy", "throughput/images_per_second"] {
            #expect(scalars[tag]?.map { Float($0[1]) } == log[tag], "\(tag)")
        }
        let histograms = try #require(events["histograms"] as? [String: Int])
        #expect(Set(histograms.keys).isSuperset(of: ["layer1.1.weight", "layer1.1.bias", "fc.weight"]))

        let settings = try #require(events["hyperparameters"] as? [String: Any])
        #expect(settings["optimizer"] as? String == "SGD" && settings["batch_size"] as? Double == 64)
        #expect(settings["lr"] as? Double != nil && settings["momentum"] as? Double == 0.9)
        #expect(events["ended"] as? Int == 1, "STATUS_SUCCESS")
    }
}

/// Scripts beside these tests that print one JSON document.
enum Peers {
    static let python = ProcessInfo.processInfo.environment["NORMSCOPE_PYTHON"]

    static func run(_ script: String, _ arguments: String...) throws -> [String: Any] {
        let path = TestWorkspace.repository + "/Tests/EndToEndTests/Peers/" + script
        let outcome = try EndToEndTests.run(python ?? "", [path] + arguments, in: "/")
        let document = try? JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        return try #require(document as? [String: Any], "\(outcome.errors)")
    }
}
