import Glibc
import Synchronization
import Tensors

extension CheckpointFile {
    /// Below this a second thread costs more than it brings.
    private static let sharedByteCount = 16 << 20
    private static let threadLimit = 4

    /// The statistics of many tensors, in their order; large ones are read by several threads.
    ///
    /// - Parameters:
    ///   - isCancelled: asked between two pieces, on any thread.
    ///   - finished: told of every tensor that is done, on any thread.
    package func statistics(
        _ entries: [TensorEntry], isCancelled: @escaping @Sendable () -> Bool = { false },
        finished: @escaping @Sendable (TensorEntry) -> Void = { _ in }
    ) throws(CheckpointError) -> [TensorStatistics] {
        try shared(entries) { entry throws(CheckpointError) in
            let statistics = try self.statistics(entry, isCancelled: isCancelled)
            finished(entry)
            return statistics
        }
    }

    func dense(_ entries: [TensorEntry]) throws(CheckpointError) -> [DenseTensor] {
        try shared(entries) { entry throws(CheckpointError) in try self.dense(entry) }
    }

    /// Does `work` for each entry, on several threads if there is much to read: each takes the next entry that nobody has.
    /// Results come in the order of the entries; of several errors the first in that order is thrown.
    private func shared<Value: Sendable>(
        _ entries: [TensorEntry], _ work: @escaping (TensorEntry) throws(CheckpointError) -> Value
    ) throws(CheckpointError) -> [Value] {
        let isLarge = entries.reduce(0) { $0 &+ $1.byteCount } >= Self.sharedByteCount
        let threads = isLarge ? min(Self.threadLimit, entries.count, sysconf(Int32(_SC_NPROCESSORS_ONLN))) : 1
        var results: [Result<Value, CheckpointError>?] = Array(repeating: nil, count: entries.count)
        results.withUnsafeMutableBufferPointer { results in
            let slots = UnsafeMutableBufferPointer(rebasing: results[...])
            let next = NextEntry()
            ThreadTeam(threads: max(1, threads), spins: false).run(
                TeamWork { _ in
                    while let index = next.take(of: entries.count) { slots[index] = Self.result(entries[index], work) }
                })
        }
        var values: [Value] = []
        values.reserveCapacity(entries.count)
        for result in results {
            if let result { values.append(try result.get()) }
        }
        return values
    }

    private static func result<Value>(
        _ entry: TensorEntry, _ work: (TensorEntry) throws(CheckpointError) -> Value
    ) -> Result<Value, CheckpointError> {
        do throws(CheckpointError) {
            return .success(try work(entry))
        } catch {
            return .failure(error)
        }
    }
}

/// Hands out the numbers 0, 1, 2, … to several threads, each to one of them.
private final class NextEntry: Sendable {
    private let number = Atomic(0)

    func take(of count: Int) -> Int? {
        let index = number.wrappingAdd(1, ordering: .relaxed).oldValue
        return index < count ? index : nil
    }
}
