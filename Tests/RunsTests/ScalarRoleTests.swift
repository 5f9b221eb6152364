import EventLog
import FileTesting
import Testing

@testable import Runs

/// Losses and accuracies under the names that other programs give them.
@Suite struct ScalarRoleTests {
    private static func log(_ tags: [String], value: Float = 1) throws -> LogSnapshot {
        let folder = try TemporaryFolder()
        let writer = try EventWriter(directory: folder.path, startedAt: 0)
        for tag in tags { writer.scalar(tag, step: 1, value: value, wallTime: 0) }
        try writer.flush()
        let follower = LogFollower(directory: folder.path)
        _ = try follower.poll()
        return follower.snapshot
    }

    @Test(arguments: [
        (["train/loss", "val/loss", "train/accuracy", "val/accuracy"], [0, 1, 2, 3]),
        (["Loss/train", "Loss/test", "Accuracy/train", "Accuracy/test"], [0, 1, 2, 3]),
        (["lr", "train_loss_step", "train_loss", "val_loss", "val_acc"], [2, 3, nil, 4]),
        (["epoch_loss", "epoch_accuracy"], [0, nil, 1, nil]),
        (["eval/loss", "eval/accuracy", "train/loss"], [2, 0, nil, 1]),
        (["訓練/損失", "val/損失"], [0, 1, nil, nil]),
        (["validation.top1", "glossary", "accelerate"], [nil, nil, nil, 0]),
        (["loss", "train/loss"], [1, nil, nil, nil]),
        ([], [nil, nil, nil, nil]),
    ])
    func everyRoleFindsItsTag(tags: [String], roles: [Int?]) throws {
        let log = try Self.log(tags)
        let found = ScalarRole.tags(in: log)
        #expect(ScalarRole.allCases.map { found[$0] } == roles.map { $0.map { tags[$0] } })
    }

    @Test(arguments: [(0.87, 1), (1, 1), (87, 0.01), (Float.nan, 1)] as [(Float, Double)])
    func percentsAreTold(value: Float, scale: Double) throws {
        let log = try Self.log(["test/acc"], value: value)
        #expect(log.scalars["test/acc"]?.fractionScale == scale)
    }
}
