/// A series of values of any kind over the steps of a run, in order: tensors, histograms, texts.
///
/// The same invariant as `ScalarSeries`: steps never decrease, and a step that goes back drops what was logged at or
/// after it. Copies share their storage.
package struct ValueSeries<Value: Sendable>: Sendable {
    package struct Entry: Sendable {
        package let step: Int64
        /// Seconds since 1970.
        package let wallTime: Double
        package let value: Value
    }

    private var entries = ChunkedList<Entry>()

    /// Unique in the process, and new whenever entries that were there before are gone.
    package private(set) var revision = Revision.next()

    package init() {}

    package mutating func append(step: Int64, wallTime: Double, value: Value) {
        if let last = entries.last, step < last.step { purge(from: step) }
        entries.append(Entry(step: step, wallTime: wallTime, value: value))
    }

    /// Drops the entries at `step` and after it.
    package mutating func purge(from step: Int64) {
        let kept = lowerBound(step: step)
        guard kept < count else { return }
        entries.truncate(to: kept)
        revision = Revision.next()
    }

    /// The first index whose step is at least `step`; `count` if there is none. O(log n).
    package func lowerBound(step: Int64) -> Int {
        entries.partition { $0.step < step }
    }

    /// The newest entry at `step` or before it. O(log n).
    package func newest(at step: Int64) -> Entry? {
        let end = entries.partition { $0.step <= step }
        return end > 0 ? entries[end - 1] : nil
    }
}

extension ValueSeries: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { entries.count }
    package var count: Int { entries.count }
    package subscript(index: Int) -> Entry { entries[index] }
    package var last: Entry? { entries.last }
}

/// 1-D tensors over time: one value a channel for what a normalization layer logs.
package typealias TensorSeries = ValueSeries<[Float]>
package typealias HistogramSeries = ValueSeries<Histogram>
package typealias TextSeries = ValueSeries<String>
