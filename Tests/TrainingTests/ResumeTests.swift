import Checkpoints
import Runs
import Testing

@testable import Training

/// Going on from a checkpoint is going on as if nothing had happened, bit for bit.
@Suite struct ResumeTests {
    /// In the middle of an epoch, at its last batch, and at its end; with momentum, with Adam's moments, with Dropout.
    @Test(arguments: [5, 23, 24], ["seed=1", "optimizer=Adam(lr=0.001)", "model.layer1.2=Dropout(0.3)"])
    func aResumedRunGivesTheLossesOfTheUninterruptedOne(step: Int, change: String) throws {
        let laboratory = try Laboratory()
        defer { laboratory.close() }
        let path = laboratory.folder + "/a.pth"
        let uninterrupted = try Trainer(Laboratory.experiment(change), threads: 2)
        var expected: [Double] = []
        while !uninterrupted.isFinished {
            if uninterrupted.position.step == step { try uninterrupted.checkpoint().write(to: path) }
            let result = uninterrupted.step()
            if uninterrupted.position.step > step { expected.append(result.loss) }
        }

        let resumed = try Trainer(Laboratory.experiment(change), threads: 2)
        try resumed.restore(TrainingCheckpoint(readingFrom: path), path: path)
        #expect(resumed.position.step == step)
        var losses: [Double] = []
        while !resumed.isFinished { losses.append(resumed.step().loss) }
        #expect(losses.count == 36 - step && losses == expected)
        #expect(resumed.network.stateDictionary() == uninterrupted.network.stateDictionary())
        #expect(resumed.network.optimizerState() == uninterrupted.network.optimizerState())
    }

    @Test func aLearningRateSetByHandSurvivesAResume() throws {
        let laboratory = try Laboratory()
        defer { laboratory.close() }
        let path = laboratory.folder + "/a.pth"
        let trainer = try Trainer(Laboratory.experiment(), threads: 1)
        for _ in 0..<13 { _ = trainer.step() }
        trainer.setLearningRate(0.004)
        #expect(abs(trainer.learningRate - 0.004) < 1e-15)
        try trainer.checkpoint().write(to: path)

        let resumed = try Trainer(Laboratory.experiment(), threads: 1)
        try resumed.restore(TrainingCheckpoint(readingFrom: path), path: path)
        #expect(resumed.learningRate == trainer.learningRate)
    }

    @Test func aCheckpointOfAnotherNetworkIsRefusedByName() throws {
        let laboratory = try Laboratory()
        defer { laboratory.close() }
        let path = laboratory.folder + "/a.pth"
        try Trainer(Laboratory.experiment(), threads: 1).checkpoint().write(to: path)
        let other = try Trainer(
            Laboratory.experiment("model.layer1.1=BatchNorm2d(16, affine=False)"), threads: 1)
        #expect {
            try other.restore(TrainingCheckpoint(readingFrom: path), path: path)
        } throws: { error in
            "\(error)".contains("layer1.1.weight") && "\(error)".hasPrefix(path)
        }
    }
}
