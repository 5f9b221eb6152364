import Foundation
import Runs

@testable import Training

/// Small experiments on made-up images, in a folder of their own.
struct Laboratory {
    let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/normscope-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    func close() { try? FileManager.default.removeItem(atPath: folder) }

    /// 12 steps an epoch on 8×8 images: the example's layers, a few milliseconds a step.
    static let yaml = """
        name: small
        data: {format: synthetic, classes: 4, train: 180, test: 40, size: 8, channels: 3}
        model:
          layer1:
            - Conv2d(3, 16, kernel_size=3, stride=1, padding=1)
            - BatchNorm2d(16)
            - ReLU()
          flatten: Flatten()
          fc: Linear(16*8*8, 4)
        optimizer: SGD(lr=0.02, momentum=0.9, weight_decay=5e-4)
        schedule: CosineAnnealingLR()
        batch_size: 16
        epochs: 3
        pace: full
        """

    static func experiment(_ overrides: String...) throws -> Experiment {
        try Experiment(yaml: yaml, file: "small.yaml", folder: "/", overrides: overrides)
    }

    /// A run directory with its experiment in it.
    func run(_ overrides: String..., named name: String = "small") throws -> RunDirectory {
        let experiment = try Experiment(yaml: Self.yaml, file: "small.yaml", folder: "/", overrides: overrides)
        let directory = try RunDirectory.create(named: name, in: folder)
        try experiment.yaml().write(toFile: directory.experimentFile, atomically: true, encoding: .utf8)
        return directory
    }
}
