import Files

/// A checkpoint file of a run, as its name and the file system tell; nothing of it is read.
///
/// Names say who asked for it: `step-00001200.pth` was asked for (by key, by command, at a stop or at the end) and is
/// never deleted; `step-00001200-epoch-0013.pth` was written by the plan after that many epochs and may be. So nothing
/// has to be remembered beside the files, and whoever renames a periodic one keeps it.
package struct SavedCheckpoint: Equatable, Sendable {
    package let path: String
    package let step: Int
    /// Epochs done, if it is a periodic one.
    package let epoch: Int?
    package let bytes: Int
    /// Seconds since 1970.
    package let modified: Double

    package init(path: String, step: Int, epoch: Int?, bytes: Int, modified: Double) {
        self.path = path
        self.step = step
        self.epoch = epoch
        self.bytes = bytes
        self.modified = modified
    }

    package var isPeriodic: Bool { epoch != nil }
    package var name: String { FilePath.lastPart(path) }

    /// The name of a checkpoint's file; `epoch` for a periodic one.
    package static func fileName(step: Int, epoch: Int? = nil) -> String {
        "step-\(padded(step, to: 8))\(epoch.map { "-epoch-\(padded($0, to: 4))" } ?? "").pth"
    }

    /// What a file name says, or `nil` if it is not one that an engine gives.
    package static func parse(fileName: String) -> (step: Int, epoch: Int?)? {
        guard fileName.hasPrefix("step-"), fileName.hasSuffix(".pth") else { return nil }
        let parts = fileName.dropFirst(5).dropLast(4).split(separator: "-", omittingEmptySubsequences: false)
        guard let step = parts.first.flatMap(number) else { return nil }
        if parts.count == 1 { return (step, nil) }
        guard parts.count == 3, parts[1] == "epoch", let epoch = number(parts[2]) else { return nil }
        return (step, epoch)
    }

    /// The checkpoints in a folder, by step; of one step, the periodic one first.
    package static func list(in folder: String) -> [SavedCheckpoint] {
        Folder.names(in: folder).compactMap { name in
            guard let (step, epoch) = parse(fileName: name), let version = FileVersion("\(folder)/\(name)"),
                !version.isFolder
            else { return nil }
            return SavedCheckpoint(
                path: "\(folder)/\(name)", step: step, epoch: epoch, bytes: version.size, modified: version.modified)
        }.sorted { ($0.step, $0.isPeriodic ? 0 : 1) < ($1.step, $1.isPeriodic ? 0 : 1) }
    }

    private static func number(_ text: Substring) -> Int? {
        text.allSatisfy { $0.isASCII && $0.isNumber } ? Int(text) : nil
    }

    private static func padded(_ value: Int, to width: Int) -> String {
        let digits = "\(value)"
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

/// The rule by which old checkpoints are deleted, so that a run does not fill the disk.
package enum CheckpointRetention {
    /// The periodic ones but for the `keep` newest (by step); `nil` keeps all. Those asked for are never among them.
    package static func deletable(_ checkpoints: [SavedCheckpoint], keep: Int?) -> [SavedCheckpoint] {
        guard let keep else { return [] }
        let periodic = checkpoints.filter(\.isPeriodic).sorted { $0.step < $1.step }
        return Array(periodic.dropLast(max(keep, 0)))
    }
}
