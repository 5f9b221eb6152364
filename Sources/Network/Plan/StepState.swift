import Tensors

/// The state of one step that a plan and its operations share: mode, batch, and how the batch is divided.
final class StepState {
    enum Mode { case training, runningStatistics, batchStatistics }

    /// A division of a batch's images into parts, each worked on by one thread at a time.
    enum Division {
        /// Into `shards`.
        case shards
        /// As finely as an operation's groups of images allow.
        case groups(of: Int)
    }

    private(set) var mode = Mode.training
    /// Training steps taken so far, and the network's seed: what random layers draw from.
    var step = 0
    var seed: UInt64 = 0
    private(set) var images: UnsafePointer<Float>?
    private(set) var labels: UnsafePointer<Int32>?
    /// The number of images in this batch.
    private(set) var count = 0
    /// The number of shards: parts of the batch over which gradients are summed. They decide the order of sums, so they depend
    /// on the batch alone and not on the number of threads. Gradients take memory and time for each; an evaluation sums
    /// nothing and has as many as there are groups of images.
    private(set) var shards = 1

    static let maximumShards = 8
    /// Enough that no thread waits long for another's last part.
    private static let maximumParts = 64
    /// Fewer images in a part would make small groups of them.
    private static let imagesInPart = 8

    func begin(_ mode: Mode, _ batch: Batch) {
        self.mode = mode
        count = batch.count
        images = UnsafePointer(batch.images.base)
        labels = UnsafePointer(batch.labels.base)
        let parts = max(count / Self.imagesInPart, min(count, 2))
        let most = mode == .runningStatistics ? parts : Self.maximumShards
        shards = min(parts, most)
    }

    func parts(_ division: Division) -> Int {
        switch division {
        case .shards: shards
        case .groups(of: let size): min(groups(of: size), Self.maximumParts)
        }
    }

    func images(_ part: Int, of division: Division) -> Range<Int> {
        switch division {
        case .shards: Self.share(of: 0..<count, part, parts(division), groups: 1)
        case .groups(of: let size): Self.share(of: 0..<count, part, parts(division), groups: size)
        }
    }

    /// A part of one shard's images, of as many whole groups as the other parts or one more.
    func images(_ part: Int, of parts: Int, inShard shard: Int, groups size: Int) -> Range<Int> {
        Self.share(of: images(shard, of: .shards), part, parts, groups: size)
    }

    private func groups(of size: Int) -> Int { (count + size - 1) / size }

    private static func share(of images: Range<Int>, _ part: Int, _ parts: Int, groups size: Int) -> Range<Int> {
        let groups = (images.count + size - 1) / size
        let first = images.lowerBound + groups * part / parts * size
        let end = images.lowerBound + groups * (part + 1) / parts * size
        return min(first, images.upperBound)..<min(end, images.upperBound)
    }
}
