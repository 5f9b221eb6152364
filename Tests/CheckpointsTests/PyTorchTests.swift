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

    @Test func convertedFilesOpenWithoutAnyClassAndGiveTheSameOutput() throws {
        let folder = try TemporaryFolder()
        let original = Fixture("torch-1.13/state_dict.pth")
        _ = try folder.file("original.pth", original.bytes())
        let source = try CheckpointFile(readingFrom: original.path)
        try source.writeModule(to: folder.path + "/outlined.pth", outline: ConversionTests.outline())
        try CheckpointFile(readingFrom: Fixture("torch-2.15/module.pth").path).writeModule(
            to: folder.path + "/recovered.pth")
        try source.writeStateDictionary(to: folder.path + "/plain.pth")
        try source.writeSafetensors(to: folder.path + "/plain.safetensors")
        try PyTorch.run("open_converted.py", folder.path)
    }

    /// The Flatten that is put where a class must have flattened gives what the class gave.
    @Test func aGuessedFlattenGivesTheClasssOwnOutput() throws {
        let folder = try TemporaryFolder()
        try PyTorch.run("flattening.py", "make", folder.path)
        let guess = try CheckpointFile(readingFrom: folder.path + "/module.pth").writeModule(
            to: folder.path + "/recovered.pth")
        #expect(guess == ModuleGuess(replaced: ["Net"], flattened: ["fc"]))
        try PyTorch.run("flattening.py", "check", folder.path)
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
