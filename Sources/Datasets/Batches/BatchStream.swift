import Dispatch
import Synchronization
import Tensors

/// An endless stream of training batches, epoch after epoch, prepared by a thread of its own a few ahead of who asks.
///
/// The batches and their order are those that `BatchSampler` and `BatchFiller` give: the thread changes when the work
/// is done, not what comes out. Two semaphores pass batches between the two threads, so that at any moment a batch
/// belongs to one of them. While nobody asks, the thread sleeps. It ends before `deinit` returns.
package final class BatchStream {
    /// A batch and its place in the run.
    package struct Position: Equatable, Sendable {
        package let epoch: Int
        /// Number of the batch within the epoch.
        package let number: Int
        package let isLastOfEpoch: Bool
    }

    private let worker: Worker
    private var taken = 0

    /// - Parameters:
    ///   - layout: how the images are to be laid out.
    ///   - depth: batches in memory; one is with whoever asks, the others are ahead.
    ///   - epoch, number: where to start, for a resumed run.
    package init(
        _ dataset: ImageDataset, layout: PlanarLayout, batchSize: Int, seed: UInt64, shuffle: Bool, epoch: Int = 0,
        number: Int = 0, depth: Int = 3
    ) {
        precondition(depth >= 2, "a stream holds two batches at least")
        let sampler = BatchSampler(
            count: dataset.count, batchSize: batchSize, seed: seed, shuffle: shuffle, epoch: epoch)
        precondition((0..<sampler.batchCount).contains(number), "batch \(number) of \(sampler.batchCount)")
        worker = Worker(dataset, layout, depth: depth, batchSize: batchSize)
        let worker = worker
        DispatchQueue(label: "normscope.batches", qos: .userInitiated).async {
            worker.run(sampler, from: number)
        }
    }

    deinit {
        worker.stop()
    }

    /// The next batch, waiting for it if need be. The one before goes back to be filled again.
    package func next() -> (batch: Batch, position: Position) {
        if taken > 0 { worker.giveBack() }
        let slot = worker.slots[taken % worker.slots.count]
        worker.waitForBatch()
        taken += 1
        return (slot.batch, slot.position.withLock { $0 })
    }
}

/// The thread of a stream that fills batches.
private final class Worker: Sendable {
    final class Slot: Sendable {
        let batch: Batch
        let position = Mutex(BatchStream.Position(epoch: 0, number: 0, isLastOfEpoch: false))

        init(_ batch: Batch) {
            self.batch = batch
        }
    }

    let slots: [Slot]
    private let dataset: ImageDataset
    private let free = DispatchSemaphore(value: 0)
    private let filled = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    private let isStopped = Atomic(false)

    init(_ dataset: ImageDataset, _ layout: PlanarLayout, depth: Int, batchSize: Int) {
        self.dataset = dataset
        slots = (0..<depth).map { _ in Slot(Batch(capacity: batchSize, layout: layout)) }
        // Not as the semaphore's first value: one that ends below its first value is an error.
        for _ in slots { free.signal() }
    }

    func run(_ start: BatchSampler, from first: Int) {
        var sampler = start
        var number = first
        let filler = BatchFiller(dataset)
        for slot in (0...).lazy.map({ self.slots[$0 % self.slots.count] }) {
            free.wait()
            if isStopped.load(ordering: .acquiring) { break }
            filler.fill(
                slot.batch, with: sampler.batch(number),
                augmentation: Augmentation(seed: sampler.seed, epoch: sampler.epoch))
            let isLast = number == sampler.batchCount - 1
            slot.position.withLock { [sampler] in
                $0 = BatchStream.Position(epoch: sampler.epoch, number: number, isLastOfEpoch: isLast)
            }
            filled.signal()
            number += 1
            if isLast {
                sampler.start(epoch: sampler.epoch + 1)
                number = 0
            }
        }
        ended.signal()
    }

    func waitForBatch() {
        filled.wait()
    }

    func giveBack() {
        free.signal()
    }

    func stop() {
        isStopped.store(true, ordering: .releasing)
        free.signal()
        ended.wait()
    }
}
