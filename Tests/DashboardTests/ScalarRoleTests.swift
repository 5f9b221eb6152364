import EventLog
import Testing

@testable import Dashboard

/// Losses and accuracies under the names that other programs give them.
@Suite struct ScalarRoleTests {
    private static func log(_ tags: [String]) throws -> LogSnapshot {
        let folder = try WatchedFolder()
        try folder.add("run") { writer in
            for tag in tags { writer.scalar(tag, step: 1, value: 1, wallTime: WatchedFolder.started) }
        }
        let follower = LogFollower(directory: folder.path + "/run")
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
        #expect(ScalarRole.allCases.map { $0.tag(in: log) } == roles.map { $0.map { tags[$0] } })
    }
}
