import Checkpoints
import Foundation
import Runs
import Testing

@testable import Training

@Suite final class CheckpointEvaluationTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/normscope-" + UUID().uuidString

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// A trainer that has taken a few steps, and the file of its checkpoint.
    private func trained() throws -> (Trainer, String) {
        let trainer = try Trainer(Laboratory.experiment(), threads: 1)
        for _ in 0..<3 { _ = trainer.step() }
        let path = folder + "/a.pth"
        try trainer.checkpoint().write(to: path)
        return (trainer, path)
    }

    @Test func bothModesGiveWhatTheTrainerItselfFinds() throws {
        let (trainer, path) = try trained()
        var told: [Double] = []
        let evaluation = try CheckpointEvaluation(of: path, on: trainer.experiment, threads: 1) { told.append($0) }
        #expect(evaluation.running == trainer.validate())
        #expect(evaluation.batch == trainer.validate(statistics: .batch))
        #expect(evaluation.running != evaluation.batch)
        #expect(told == told.sorted() && told.last == 1)
    }

    @Test func anEvaluationEndsWhereItIsToldTo() throws {
        struct Enough: Error {}
        let (trainer, path) = try trained()
        #expect(throws: Enough.self) {
            _ = try CheckpointEvaluation(of: path, on: trainer.experiment, threads: 1) { _ in throw Enough() }
        }
    }

    @Test func aNetworkTakesItsParametersFromAnyForm() throws {
        let (trainer, path) = try trained()
        let file = try CheckpointFile(readingFrom: path)
        try file.writeStateDictionary(to: folder + "/b.pth")
        try file.writeSafetensors(to: folder + "/c.safetensors")
        let plan = try TrainingPlan(trainer.experiment)
        try file.writeModule(to: folder + "/d.pth", outline: ModuleOutline(plan.architecture))
        for name in ["b.pth", "c.safetensors", "d.pth"] {
            let other = try Trainer(trainer.experiment, threads: 1)
            try other.takeNetwork(from: folder + "/" + name)
            #expect(other.network.stateDictionary() == trainer.network.stateDictionary(), "\(name)")
            #expect(other.position == Position())
        }
    }
}
