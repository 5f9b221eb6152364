import Foundation
import Testing

/// The engine beside real PyTorch, step by step from the same weights on the same batches. Needs a Python with torch in
/// NORMSCOPE_PYTHON.
///
/// PyTorch computes in double precision here, and the deep network's learning rate is small: at 0.01 roundings grow so fast
/// that PyTorch's own single precision is 10% off after 50 steps, and its two memory formats are 27% apart.
@Suite(.enabled(if: Peers.python != nil, "NORMSCOPE_PYTHON names no Python with torch"))
struct PyTorchFollowingTests {
    struct Course: Sendable, CustomTestStringConvertible {
        let model: String
        let experiment: String
        let convolution: String
        let rate: String
        /// How far a step's loss may be off, as a part of PyTorch's.
        let tolerance: Double

        var testDescription: String { "\(model), \(convolution)" }
    }

    private static let steps = 50

    @Test(arguments: [
        Course(model: "example", experiment: "batchnorm-cnn", convolution: "direct", rate: "1e-3", tolerance: 1e-4),
        Course(model: "vgg6", experiment: "vgg", convolution: "direct", rate: "1e-4", tolerance: 1e-3),
        Course(model: "vgg6", experiment: "vgg", convolution: "fast", rate: "1e-4", tolerance: 1e-2),
    ])
    func theLossesFollowPyTorchs(_ course: Course) throws {
        let workspace = try TestWorkspace()
        defer { workspace.close() }
        let samples = TestWorkspace.repository + "/sample-data", initial = workspace.path("initial.pth")
        let theirs = try Peers.run(
            "follow.py", course.model, samples + "/fashion-mnist", initial, "\(Self.steps)", course.rate)
        let expected = try #require(theirs["losses"] as? [Double])

        let settings = [
            "data.shuffle=false", "data.crop=0", "data.flip=false", "schedule=constant", "epochs=1",
            "convolution=\(course.convolution)",
            "optimizer=SGD(lr=\(course.rate), momentum=0.9, weight_decay=5e-4)",
        ]
        let trained = try run(
            TestWorkspace.program,
            ["train", "--headless", "--name", "run", "--init", initial]
                + settings.flatMap { ["--set", $0] } + ["\(samples)/experiments/\(course.experiment).yaml"],
            in: workspace.directory)
        #expect(trained.status == 0, "\(trained.errors)")
        let ours = try LoggedScalars(directory: workspace.path("runs/run"))["train/loss"].prefix(Self.steps)
        #expect(ours.count == expected.count && expected.count == Self.steps)
        for (step, (our, their)) in zip(ours, expected).enumerated() {
            #expect(abs(Double(our) - their) <= course.tolerance * their, "step \(step + 1): \(our) for \(their)")
        }
    }
}
