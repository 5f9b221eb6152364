import Foundation
import Testing

@testable import Checkpoints

/// Real PyTorch opens what is written here. NORMSCOPE_PYTHON names a Python that has it.
@Suite(.enabled(if: PyTorch.executable != nil, "NORMSCOPE_PYTHON names no Python with PyTorch"))
struct PyTorchTests {
    @Test func aTrainingCheckpointLoadsIntoTheNetAndIntoSGD() throws {
        let folder = try TemporaryFolder()
        try TrainingCheckpointTests.sample.write(to: folder.path + "/step-00000938.pth")
        try PyTorch.run("open_training.py", folder.path + "/step-00000938.pth")
    }
}

enum PyTorch {
    static let executable = ProcessInfo.processInfo.environment["NORMSCOPE_PYTHON"]

    /// Runs one of the scripts beside the fixtures; a failed assertion in it fails the test with the script's words.
    static func run(_ script: String, _ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(executable))
        process.arguments = [Fixture.folder + "/" + script] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
    }
}
